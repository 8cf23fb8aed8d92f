#include "io/folder.h"

#include <algorithm>
#include <filesystem>

#include "core/attributes.h"
#include "core/error.h"
#include "core/random.h"
#include "io/file.h"
#include "io/image.h"

namespace keratin::io {
namespace {

namespace fs = std::filesystem;

template <class T>
void shuffle(std::vector<T>& items, Random random) {
  for (std::size_t i = items.size(); i > 1; --i)
    std::swap(items[i - 1], items[std::size_t(random.below(std::int64_t(i)))]);
}

bool has_form(const fs::path& path, bool texts) {
  std::string ending = path.extension().string();
  for (char& c : ending)
    if (c >= 'A' && c <= 'Z') c = char(c - 'A' + 'a');
  return texts ? ending == ".txt" : ending == ".png" || ending == ".jpg" || ending == ".jpeg";
}

std::int64_t channels_of(const std::string& mode) {
  if (mode == "grayscale") return 1;
  if (mode == "rgb") return 3;
  if (mode == "rgba") return 4;
  fail(Code::kInvalidArgument, "color_mode: expected \"grayscale\", \"rgb\" or \"rgba\", got \"",
       mode, "\"");
}

void check_one_of(const char* name, const std::string& value,
                  std::initializer_list<const char*> values) {
  std::string list;
  for (const char* one : values) {
    if (value == one) return;
    list += concat(list.empty() ? "\"" : ", \"", one, "\"");
  }
  fail(Code::kInvalidArgument, name, ": expected one of ", list, ", got \"", value, "\"");
}

}  // namespace

FolderOptions FolderOptions::from_json(const Json& config, bool texts) {
  FolderOptions o;
  for (const auto& [name, value] : config.items()) {
    try {
      if (name == "label_mode")
        o.label_mode = value.is_null() ? "" : JsonTraits<std::string>::read(value);
      else if (name == "class_names")
        o.class_names = value.is_null() ? std::vector<std::string>{}
                                        : JsonTraits<std::vector<std::string>>::read(value);
      else if (name == "batch_size")
        o.batch_size = JsonTraits<std::int64_t>::read(value);
      else if (name == "shuffle")
        o.shuffle = JsonTraits<bool>::read(value);
      else if (name == "seed")
        o.seed = JsonTraits<std::optional<std::int64_t>>::read(value);
      else if (name == "validation_split")
        o.validation_split = value.is_null() ? 0 : JsonTraits<double>::read(value);
      else if (name == "subset")
        o.subset = value.is_null() ? "" : JsonTraits<std::string>::read(value);
      else if (!texts && name == "color_mode")
        o.channels = channels_of(JsonTraits<std::string>::read(value));
      else if (!texts && name == "interpolation")
        o.interpolation = JsonTraits<std::string>::read(value);
      else if (!texts && name == "image_size") {
        const auto size = JsonTraits<std::vector<std::int64_t>>::read(value);
        require(size.size() == 2 && size[0] > 0 && size[1] > 0 && size[0] <= 1 << 14 &&
                    size[1] <= 1 << 14,
                "expected height and width, got ", value.dump());
        o.height = size[0];
        o.width = size[1];
      } else if (texts && name == "max_length")
        o.max_length = value.is_null() ? 0 : JsonTraits<std::int64_t>::read(value);
      else
        fail(Code::kInvalidArgument, "unknown option");
    } catch (const Error& error) {
      fail(error.code(), "config: ", name, ": ", error.what());
    }
  }
  if (!o.label_mode.empty())
    check_one_of("label_mode", o.label_mode, {"int", "categorical", "binary"});
  if (!o.subset.empty()) check_one_of("subset", o.subset, {"training", "validation"});
  require(o.batch_size > 0, "batch_size: expected a value above 0, got ", o.batch_size);
  require(o.max_length >= 0, "max_length: expected a value above 0, got ", o.max_length);
  require(o.validation_split >= 0 && o.validation_split < 1,
          "validation_split: expected a value from 0 to 1, got ", o.validation_split);
  require(o.subset.empty() == (o.validation_split == 0),
          "validation_split and subset: one is given without the other");
  require(o.validation_split == 0 || !o.shuffle || o.seed,
          "a shuffled validation_split needs a seed, so that the subsets share no file");
  return o;
}

Folder::Folder(const std::string& path, bool texts, FolderOptions options)
    : texts_(texts), options_(std::move(options)) {
  seed_ = options_.seed ? std::uint64_t(*options_.seed) : next_global_seed();
  if (!fs::is_directory(path)) fail(Code::kNotFound, path, ": no such folder");
  try {
    if (options_.label_mode.empty()) {
      require(options_.class_names.empty(), "class_names: there are no labels");
      list(path, 0);
    } else {
      std::vector<std::string> found;
      for (const fs::directory_entry& entry : fs::directory_iterator(path))
        if (const std::string name = entry.path().filename();
            entry.is_directory() && name[0] != '.')
          found.push_back(name);
      std::sort(found.begin(), found.end());
      for (const std::string& name : options_.class_names)
        if (!std::binary_search(found.begin(), found.end(), name))
          fail(Code::kNotFound, path, ": there is no folder '", name, "' in it");
      if (options_.class_names.empty()) options_.class_names = std::move(found);
      for (std::size_t i = 0; i < options_.class_names.size(); ++i)
        list((fs::path(path) / options_.class_names[i]).string(), std::int64_t(i));
    }
  } catch (const fs::filesystem_error& error) {
    fail(Code::kIo, path, ": ", error.code().message());
  }
  require(options_.label_mode != "binary" || options_.class_names.size() == 2, path,
          ": label_mode \"binary\" needs 2 classes, there are ", options_.class_names.size());
  if (options_.shuffle) shuffle(files_, Random(seed_));
  if (!options_.subset.empty()) {
    const auto kept = files_.end() - std::int64_t(options_.validation_split * double(count()));
    if (options_.subset == "training")
      files_.erase(kept, files_.end());
    else
      files_.erase(files_.begin(), kept);
  }
  if (files_.empty())
    fail(Code::kNotFound, path, ": no ", texts_ ? ".txt" : ".png, .jpg or .jpeg",
         options_.label_mode.empty() ? " files in it" : " files in folders of classes");
}

void Folder::list(const std::string& folder, std::int64_t label) {
  std::vector<std::string> paths;
  for (const fs::directory_entry& entry : fs::recursive_directory_iterator(folder))
    if (entry.is_regular_file() && has_form(entry.path(), texts_)) paths.push_back(entry.path());
  std::sort(paths.begin(), paths.end());
  for (std::string& path : paths) files_.push_back({std::move(path), label});
}

void Folder::restart() {
  at_ = 0;
  if (options_.shuffle) shuffle(files_, Random(seed_, ++epoch_));
}

bool Folder::next(Dataset& batch) {
  if (at_ == count()) return false;
  const std::int64_t end = std::min(count(), at_ + options_.batch_size);
  batch = {};
  batch.x.push_back(x(at_, end));
  if (!options_.label_mode.empty()) batch.y.push_back(labels(at_, end));
  at_ = end;
  return true;
}

Tensor Folder::x(std::int64_t begin, std::int64_t end) const {
  if (texts_) {
    std::vector<std::string> texts;
    for (std::int64_t i = begin; i < end; ++i) {
      texts.push_back(read_file(files_[std::size_t(i)].path));
      if (options_.max_length)
        texts.back().resize(std::min(texts.back().size(), std::size_t(options_.max_length)));
    }
    return Tensor::of_strings({end - begin}, {texts.begin(), texts.end()});
  }
  Tensor images(DType::kFloat32, {end - begin, options_.height, options_.width, options_.channels});
  for (std::int64_t i = begin; i < end; ++i) {
    const std::string& path = files_[std::size_t(i)].path;
    const Tensor image = decode_image(read_file(path), path, options_.channels);
    const Tensor sized =
        resized_image(image, options_.height, options_.width, options_.interpolation);
    std::copy_n(sized.data<float>(), sized.size(),
                images.data<float>() + (i - begin) * sized.size());
  }
  return images;
}

Tensor Folder::labels(std::int64_t begin, std::int64_t end) const {
  const std::int64_t n = end - begin;
  if (options_.label_mode == "int") {
    Tensor labels(DType::kInt32, {n});
    for (std::int64_t i = 0; i < n; ++i)
      labels.data<std::int32_t>()[i] = std::int32_t(files_[std::size_t(begin + i)].label);
    return labels;
  }
  const bool one_hot = options_.label_mode == "categorical";
  const std::int64_t width = one_hot ? std::int64_t(options_.class_names.size()) : 1;
  Tensor labels(DType::kFloat32, {n, width});
  for (std::int64_t i = 0; i < n; ++i) {
    const std::int64_t label = files_[std::size_t(begin + i)].label;
    labels.data<float>()[one_hot ? i * width + label : i] = one_hot ? 1.0f : float(label);
  }
  return labels;
}

}  // namespace keratin::io
