#include "io/zip.h"

#include <zip.h>

#include <random>

#include "expect_error.h"

namespace keratin::io {
namespace {

using Members = std::map<std::string, std::string>;

// An archive made by libzip with things that write_zip never makes.
template <class Fill>
std::string archive(Fill&& fill) {
  zip_error_t error;
  zip_error_init(&error);
  zip_source_t* target = zip_source_buffer_create(nullptr, 0, 0, &error);
  zip_source_keep(target);
  zip_t* zip = zip_open_from_source(target, ZIP_TRUNCATE, &error);
  fill(zip);
  EXPECT_EQ(zip_close(zip), 0) << zip_strerror(zip);
  zip_stat_t stat;
  zip_source_stat(target, &stat);
  zip_source_open(target);
  std::string bytes(stat.size, '\0');
  zip_source_read(target, bytes.data(), bytes.size());
  zip_source_close(target);
  zip_source_free(target);
  return bytes;
}

zip_int64_t add(zip_t* zip, const char* name, const std::string& contents) {
  return zip_file_add(zip, name, zip_source_buffer(zip, contents.data(), contents.size(), 0), 0);
}

void put32(std::string& bytes, std::size_t at, std::uint32_t v) {
  for (int i = 0; i < 4; ++i) bytes[at + i] = char(v >> (8 * i));
}

TEST(Zip, RoundTrip) {
  const Members members = {{"config.json", "{}"},
                           {"empty", ""},
                           {"a/b", std::string("\0\xff", 2)},
                           {"big", std::string(1 << 20, 'x')}};
  const std::string bytes = write_zip(members);
  EXPECT_EQ(read_zip(bytes, "t"), members);
  EXPECT_EQ(bytes, write_zip(members));
  EXPECT_GT(bytes.size(), std::size_t(1) << 20) << "compressed";
}

TEST(Zip, ReadsCompressedMembersAndLeavesFoldersOut) {
  const std::string text(10000, 'a');
  const std::string bytes = archive([&](zip_t* zip) {
    zip_dir_add(zip, "folder", 0);
    zip_set_file_compression(zip, zip_uint64_t(add(zip, "folder/a", text)), ZIP_CM_DEFLATE, 9);
  });
  EXPECT_LT(bytes.size(), 1000u);
  EXPECT_EQ(read_zip(bytes, "t"), (Members{{"folder/a", text}}));
}

TEST(Zip, RefusesWhatIsNotAnArchive) {
  EXPECT_ERROR(read_zip("", "m.keras"), Code::kCorrupt, "m.keras: not a valid zip archive");
  EXPECT_ERROR(read_zip("\x89HDF\r\n", "m.keras"), Code::kCorrupt, "m.keras");
}

TEST(Zip, RefusesEncryptedMembers) {
  const std::string text = "secret";
  const std::string bytes = archive([&](zip_t* zip) {
    zip_file_set_encryption(zip, zip_uint64_t(add(zip, "a", text)), ZIP_EM_AES_256, "password");
  });
  EXPECT_ERROR(read_zip(bytes, "t"), Code::kCorrupt, "'a' is encrypted");
}

TEST(Zip, RefusesBombs) {
  const std::string zeros(std::size_t(80) << 20, '\0');
  const std::string bytes = archive([&](zip_t* zip) {
    zip_set_file_compression(zip, zip_uint64_t(add(zip, "bomb", zeros)), ZIP_CM_DEFLATE, 9);
  });
  EXPECT_LT(bytes.size(), std::size_t(200) << 10);
  EXPECT_ERROR(read_zip(bytes, "t"), Code::kCorrupt, "'bomb' claims 83886080 bytes");
}

TEST(Zip, RefusesLyingSizes) {
  const std::string good = write_zip({{"member", "hello"}});
  const std::size_t central = good.find("PK\1\2");
  for (const std::uint32_t claimed : {0u, 4u, 6u, 1u << 20, 0xfffffff0u}) {
    std::string bad = good;
    put32(bad, central + 24, claimed);  // size unpacked, in the directory
    EXPECT_THROW(read_zip(bad, "t"), Error) << claimed;
    put32(bad, 22, claimed);  // and in the member's own header
    EXPECT_THROW(read_zip(bad, "t"), Error) << claimed;
  }
}

TEST(Zip, RefusesTwoMembersOfOneName) {
  std::string bytes = write_zip({{"a1", "x"}, {"a2", "y"}});
  for (std::size_t at = 0; (at = bytes.find("a2", at)) != bytes.npos;) bytes[at + 1] = '1';
  EXPECT_ERROR(read_zip(bytes, "t"), Code::kCorrupt, "");
}

TEST(Zip, RefusesTooManyMembers) {
  Members members;
  for (int i = 0; i <= 10000; ++i) members[std::to_string(i)] = "";
  EXPECT_ERROR(read_zip(write_zip(members), "t"), Code::kCorrupt, "has 10001 members");
}

TEST(Zip, NoPrefixAndNoFlippedByteDoesHarm) {
  const std::string good = write_zip({{"config.json", "{\"a\": 1}"}, {"w", std::string(100, 'w')}});
  for (std::size_t n = 0; n < good.size(); ++n)
    EXPECT_THROW(read_zip(good.substr(0, n), "t"), Error) << n;
  std::mt19937 random(1);
  for (int i = 0; i < 20000; ++i) {
    std::string bad = good;
    bad[random() % bad.size()] = char(random());
    try {
      read_zip(bad, "t");
    } catch (const Error&) {
    }
  }
}

}  // namespace
}  // namespace keratin::io
