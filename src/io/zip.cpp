#include "io/zip.h"

#include <zip.h>

#include <memory>

#include "core/error.h"

namespace keratin::io {
namespace {

constexpr zip_int64_t kMaxMembers = 10000;
constexpr zip_uint64_t kBombFloor = zip_uint64_t(64) << 20;
constexpr zip_uint64_t kMaxExpansion = 100;

struct SourceFree {
  void operator()(zip_source_t* source) const { zip_source_free(source); }
};
struct ArchiveDiscard {
  void operator()(zip_t* archive) const { zip_discard(archive); }
};
struct MemberClose {
  void operator()(zip_file_t* file) const { zip_fclose(file); }
};
using Source = std::unique_ptr<zip_source_t, SourceFree>;
using Archive = std::unique_ptr<zip_t, ArchiveDiscard>;
using Member = std::unique_ptr<zip_file_t, MemberClose>;

struct ZipError {
  zip_error_t error;
  ZipError() { zip_error_init(&error); }
  ~ZipError() { zip_error_fini(&error); }
  const char* text() { return zip_error_strerror(&error); }
};

Source buffer_source(const void* data, std::size_t size) {
  ZipError error;
  Source source(zip_source_buffer_create(data, size, 0, &error.error));
  if (!source) fail(Code::kOutOfMemory, "zip: ", error.text());
  return source;
}

// The archive takes the source over where it could be opened.
Archive open_archive(Source& source, int flags, Code code, const std::string& what) {
  ZipError error;
  Archive archive(zip_open_from_source(source.get(), flags, &error.error));
  if (!archive) fail(code, what, ": not a valid zip archive: ", error.text());
  static_cast<void>(source.release());
  return archive;
}

std::string read_member(zip_t* archive, zip_int64_t index, const zip_stat_t& stat,
                        const std::string& what) {
  Member member(zip_fopen_index(archive, zip_uint64_t(index), 0));
  if (!member)
    fail(Code::kCorrupt, what, ": cannot read the member '", stat.name,
         "': ", zip_strerror(archive));
  std::string contents(stat.size, '\0');
  std::size_t done = 0;
  while (done < contents.size()) {
    const zip_int64_t n = zip_fread(member.get(), contents.data() + done, contents.size() - done);
    if (n < 0)
      fail(Code::kCorrupt, what, ": the member '", stat.name,
           "' is damaged: ", zip_file_strerror(member.get()));
    if (n == 0) break;
    done += std::size_t(n);
  }
  // Reading past the end makes libzip compare the checksum, and shows a member longer than it says.
  char probe;
  const zip_int64_t more = done == contents.size() ? zip_fread(member.get(), &probe, 1) : 0;
  if (more < 0)
    fail(Code::kCorrupt, what, ": the member '", stat.name,
         "' is damaged: ", zip_file_strerror(member.get()));
  if (done != contents.size() || more != 0)
    fail(Code::kCorrupt, what, ": the member '", stat.name, "' claims ", stat.size,
         " bytes but holds ", more ? "more" : std::to_string(done));
  return contents;
}

}  // namespace

std::map<std::string, std::string> read_zip(const std::string& bytes, const std::string& what) {
  // libzip takes no bytes at all for an empty archive.
  if (bytes.empty()) fail(Code::kCorrupt, what, ": not a valid zip archive: it is empty");
  Source source = buffer_source(bytes.data(), bytes.size());
  const Archive archive = open_archive(source, ZIP_RDONLY, Code::kCorrupt, what);
  const zip_int64_t count = zip_get_num_entries(archive.get(), 0);
  if (count > kMaxMembers)
    fail(Code::kCorrupt, what, ": has ", count, " members, more than ", kMaxMembers);

  std::map<std::string, std::string> members;
  constexpr zip_uint64_t kNeeded = ZIP_STAT_NAME | ZIP_STAT_SIZE | ZIP_STAT_COMP_SIZE;
  for (zip_int64_t i = 0; i < count; ++i) {
    zip_stat_t stat;
    if (zip_stat_index(archive.get(), zip_uint64_t(i), 0, &stat) != 0 ||
        (stat.valid & kNeeded) != kNeeded)
      fail(Code::kCorrupt, what, ": member ", i, ": ", zip_strerror(archive.get()));
    const std::string name = stat.name;
    if (name.ends_with('/')) continue;
    if (stat.valid & ZIP_STAT_ENCRYPTION_METHOD && stat.encryption_method != ZIP_EM_NONE)
      fail(Code::kCorrupt, what, ": the member '", name, "' is encrypted");
    if (stat.comp_size > bytes.size() ||
        (stat.size > kBombFloor && stat.size / kMaxExpansion > stat.comp_size))
      fail(Code::kCorrupt, what, ": the member '", name, "' claims ", stat.size,
           " bytes, unpacked from ", stat.comp_size, " in a file of ", bytes.size());
    if (members.contains(name)) fail(Code::kCorrupt, what, ": has two members named '", name, "'");
    members.emplace(name, read_member(archive.get(), i, stat, what));
  }
  return members;
}

std::string write_zip(const std::map<std::string, std::string>& members) {
  Source target = buffer_source(nullptr, 0);
  zip_source_keep(target.get());  // one reference is the archive's, one is ours
  const Source result(target.get());
  Archive archive = open_archive(target, ZIP_TRUNCATE, Code::kInternal, "zip");
  for (const auto& [name, contents] : members) {
    Source source = buffer_source(contents.data(), contents.size());
    const zip_int64_t index =
        zip_file_add(archive.get(), name.c_str(), source.get(), ZIP_FL_ENC_UTF_8);
    if (index < 0) fail(Code::kInternal, "zip: ", name, ": ", zip_strerror(archive.get()));
    static_cast<void>(source.release());
    zip_set_file_compression(archive.get(), zip_uint64_t(index), ZIP_CM_STORE, 0);
    zip_file_set_dostime(archive.get(), zip_uint64_t(index), 0, 0x21, 0);  // 1980-01-01
  }
  if (zip_close(archive.get()) != 0) fail(Code::kInternal, "zip: ", zip_strerror(archive.get()));
  static_cast<void>(archive.release());

  zip_stat_t stat;
  if (zip_source_stat(result.get(), &stat) != 0 || !(stat.valid & ZIP_STAT_SIZE) ||
      zip_source_open(result.get()) != 0)
    fail(Code::kInternal, "zip: ", zip_error_strerror(zip_source_error(result.get())));
  std::string bytes(stat.size, '\0');
  const zip_int64_t n = zip_source_read(result.get(), bytes.data(), bytes.size());
  zip_source_close(result.get());
  if (n != zip_int64_t(bytes.size())) fail(Code::kInternal, "zip: short read of the archive");
  return bytes;
}

}  // namespace keratin::io
