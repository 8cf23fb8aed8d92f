#include "io/folder.h"

#include <algorithm>
#include <filesystem>

#include "core/error.h"
#include "core/random.h"
#include "core/registry.h"
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

std::vector<Attribute> common_attributes() {
  using C = FolderOptions;
  return {attribute<C>("label_mode", &C::label_mode, "The form of the labels; null: none.")
              .one_of({"int", "categorical", "binary"}),
          attribute<C>("class_names", &C::class_names, "The folders; null: all of them."),
          attribute<C>("batch_size", &C::batch_size, "Files in a batch.").above(0),
          attribute<C>("shuffle", &C::shuffle, "Whether each epoch has an order of its own."),
          attribute<C>("seed", &C::seed, "Of the order; null: any."),
          attribute<C>("validation_split", &C::validation_split, "Share that is kept back.")
              .at_least(0),
          attribute<C>("subset", &C::subset, "Which side of validation_split is given.")
              .one_of({"training", "validation"})};
}

const ClassInfo& picture_options() {  // not in the registry: nobody makes one by name
  static const ClassInfo info = [] {
    using C = FolderOptions;
    ClassInfo c = class_info<C>("utils", "image_dataset_from_directory", "keras.utils",
                                "Pictures in folders.");
    c.attributes = common_attributes();
    c.attributes.push_back(attribute<C>("color_mode", &C::color_mode, "The channels.")
                               .one_of({"grayscale", "rgb", "rgba"}));
    c.attributes.push_back(
        attribute<C>("image_size", &C::image_size, "Height and width.").above(0).at_most(1 << 14));
    c.attributes.push_back(
        attribute<C>("interpolation", &C::interpolation, "How pictures are resized."));
    return c;
  }();
  return info;
}

const ClassInfo& text_options() {
  static const ClassInfo info = [] {
    using C = FolderOptions;
    ClassInfo c =
        class_info<C>("utils", "text_dataset_from_directory", "keras.utils", "Texts in folders.");
    c.attributes = common_attributes();
    c.attributes.push_back(
        attribute<C>("max_length", &C::max_length, "Bytes of a text; null: all.").above(0));
    return c;
  }();
  return info;
}

}  // namespace

FolderOptions FolderOptions::from_json(const Json& config, bool texts) {
  FolderOptions options(texts);
  configure(options, config);
  return options;
}

const ClassInfo& FolderOptions::info() const { return texts_ ? text_options() : picture_options(); }

void FolderOptions::configured() {
  require(image_size.size() == 2, "image_size: expected height and width");
  require(validation_split.value_or(0) < 1, "validation_split: expected a value below 1, got ",
          *validation_split);
  require(subset.has_value() == (validation_split.value_or(0) > 0),
          "validation_split and subset: one is given without the other");
  require(!subset || !shuffle || seed,
          "a shuffled validation_split needs a seed, so that the subsets share no file");
}

std::int64_t FolderOptions::channels() const {
  return color_mode == "grayscale" ? 1 : color_mode == "rgb" ? 3 : 4;
}

Folder::Folder(const std::string& path, bool texts, FolderOptions options)
    : texts_(texts), options_(std::move(options)) {
  seed_ = options_.seed ? std::uint64_t(*options_.seed) : next_global_seed();
  if (!fs::is_directory(path)) fail(Code::kNotFound, path, ": no such folder");
  try {
    if (!options_.label_mode) {
      require(!options_.class_names, "class_names: there are no labels");
      options_.class_names.emplace();
      list(path, 0);
    } else {
      std::vector<std::string> found;
      for (const fs::directory_entry& entry : fs::directory_iterator(path))
        if (const std::string name = entry.path().filename();
            entry.is_directory() && name[0] != '.')
          found.push_back(name);
      std::sort(found.begin(), found.end());
      if (!options_.class_names || options_.class_names->empty()) options_.class_names = found;
      const std::vector<std::string>& classes = *options_.class_names;
      for (const std::string& name : classes)
        if (!std::binary_search(found.begin(), found.end(), name))
          fail(Code::kNotFound, path, ": there is no folder '", name, "' in it");
      for (std::size_t i = 0; i < classes.size(); ++i)
        list((fs::path(path) / classes[i]).string(), std::int64_t(i));
    }
  } catch (const fs::filesystem_error& error) {
    fail(Code::kIo, path, ": ", error.code().message());
  }
  require(options_.label_mode != "binary" || class_names().size() == 2, path,
          ": label_mode \"binary\" needs 2 classes, there are ", class_names().size());
  if (options_.shuffle) shuffle(files_, Random(seed_));
  if (options_.subset) {
    const auto kept = files_.end() - std::int64_t(*options_.validation_split * double(count()));
    if (options_.subset == "training")
      files_.erase(kept, files_.end());
    else
      files_.erase(files_.begin(), kept);
  }
  if (files_.empty())
    fail(Code::kNotFound, path, ": no ", texts_ ? ".txt" : ".png, .jpg or .jpeg",
         !options_.label_mode ? " files in it" : " files in folders of classes");
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
  if (options_.label_mode) batch.y.push_back(labels(at_, end));
  at_ = end;
  return true;
}

Tensor Folder::x(std::int64_t begin, std::int64_t end) const {
  if (texts_) {
    std::vector<std::string> texts;
    for (std::int64_t i = begin; i < end; ++i) {
      texts.push_back(read_file(files_[std::size_t(i)].path));
      if (options_.max_length)
        texts.back().resize(std::min(texts.back().size(), std::size_t(*options_.max_length)));
    }
    return Tensor::of_strings({end - begin}, {texts.begin(), texts.end()});
  }
  const std::int64_t height = options_.image_size[0], width = options_.image_size[1];
  const std::int64_t channels = options_.channels();
  Tensor images(DType::kFloat32, {end - begin, height, width, channels});
  for (std::int64_t i = begin; i < end; ++i) {
    const std::string& path = files_[std::size_t(i)].path;
    const Tensor image = decode_image(read_file(path), path, channels);
    const Tensor sized = resized_image(image, height, width, options_.interpolation);
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
  const std::int64_t width = one_hot ? std::int64_t(class_names().size()) : 1;
  Tensor labels(DType::kFloat32, {n, width});
  for (std::int64_t i = 0; i < n; ++i) {
    const std::int64_t label = files_[std::size_t(begin + i)].label;
    labels.data<float>()[one_hot ? i * width + label : i] = one_hot ? 1.0f : float(label);
  }
  return labels;
}

}  // namespace keratin::io
