// Files in folders, one for each class, as batches: pictures and texts.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/attributes.h"
#include "training/data.h"

namespace keratin::io {

// What keras.utils.image_dataset_from_directory and text_dataset_from_directory take, by their
// names and with their defaults.
class FolderOptions : public Object {
 public:
  std::optional<std::string> label_mode = "int";
  std::optional<std::vector<std::string>> class_names;  // none: the folders' names, sorted
  std::int64_t batch_size = 32;
  bool shuffle = true;
  std::optional<std::int64_t> seed;
  std::optional<double> validation_split;
  std::optional<std::string> subset;
  // Of pictures.
  std::string color_mode = "rgb";
  std::vector<std::int64_t> image_size{256, 256};
  std::string interpolation = "bilinear";
  // Of texts: bytes; none: all of them.
  std::optional<std::int64_t> max_length;

  FolderOptions() : FolderOptions(false) {}
  explicit FolderOptions(bool texts) : texts_(texts) {}
  static FolderOptions from_json(const Json& config, bool texts);

  const ClassInfo& info() const override;
  void configured() override;
  std::int64_t channels() const;

 private:
  bool texts_;
};

// Batches of x, float32 [batch, height, width, channels] or strings [batch], and of the labels, in
// a new order each epoch where they are shuffled. One thread at a time.
class Folder : public BatchSource {
 public:
  // Lists the files. Throws kNotFound, kInvalidArgument.
  Folder(const std::string& path, bool texts, FolderOptions options);

  const std::vector<std::string>& class_names() const { return *options_.class_names; }
  std::int64_t count() const { return std::int64_t(files_.size()); }
  std::int64_t batch_size() const { return options_.batch_size; }

  void restart() override;
  bool next(Dataset& batch) override;

 private:
  struct File {
    std::string path;
    std::int64_t label;
  };
  void list(const std::string& folder, std::int64_t label);
  Tensor x(std::int64_t begin, std::int64_t end) const;
  Tensor labels(std::int64_t begin, std::int64_t end) const;

  bool texts_;
  FolderOptions options_;
  std::vector<File> files_;
  std::int64_t at_ = 0;
  std::uint64_t seed_, epoch_ = 0;
};

}  // namespace keratin::io
