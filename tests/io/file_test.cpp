#include "io/file.h"

#include <sys/stat.h>
#include <unistd.h>

#include "expect_error.h"
#include "io/temporary.h"

namespace keratin::io {
namespace {

TEST(File, WritesAndReadsWholeFiles) {
  const TemporaryFolder folder;
  const std::string path = folder.file("a.bin");
  const std::string bytes = std::string("a\0b\xff", 4) + std::string(100000, 'x');
  write_file(path, bytes);
  EXPECT_EQ(read_file(path), bytes);
  write_file(path, "");
  EXPECT_EQ(read_file(path), "");
  EXPECT_EQ(folder.count(), 1u) << "temporary files are left";
}

TEST(File, ReadsFilesWithoutASize) {
  EXPECT_NE(read_file("/proc/self/status").find("Pid:"), std::string::npos);
}

TEST(File, KeepsTheModeOfTheFileItReplaces) {
  const TemporaryFolder folder;
  const std::string path = folder.file("a");
  write_file(path, "1");
  ASSERT_EQ(::chmod(path.c_str(), 0640), 0);
  write_file(path, "2");
  struct stat info {};
  ASSERT_EQ(::stat(path.c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0640u);
}

TEST(File, ReadingNamesWhatIsMissing) {
  const TemporaryFolder folder;
  EXPECT_ERROR(read_file(folder.file("none")), Code::kNotFound, "none: cannot open");
  EXPECT_ERROR(read_file(folder.file("")), Code::kIo, "is a directory");
  EXPECT_ERROR(read_file(""), Code::kNotFound, "cannot open");
}

TEST(File, AFailedWriteLeavesTheOldFileAndNoOther) {
  const TemporaryFolder folder;
  EXPECT_ERROR(write_file(folder.file("no/such/folder"), "x"), Code::kNotFound, "cannot create");
  ASSERT_EQ(::mkdir(folder.file("d").c_str(), 0755), 0);
  EXPECT_ERROR(write_file(folder.file("d"), "x"), Code::kIo, "not a regular file");
  EXPECT_EQ(folder.count(), 1u) << "temporary files are left";
  EXPECT_ERROR(write_file("/dev/full", "x"), Code::kIo, "/dev/full");
}

}  // namespace
}  // namespace keratin::io
