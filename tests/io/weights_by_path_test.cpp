#include "io/weights_by_path.h"

#include "expect_error.h"
#include "io/file.h"
#include "io/keras_file.h"
#include "io/npy.h"
#include "io/safetensors.h"
#include "io/temporary.h"

namespace keratin::io {
namespace {

ModelPtr make_model() {
  return Model::from_json(parse_json(
      R"({"module": "keras", "class_name": "Sequential", "registered_name": "Sequential", "config":
      {"name": "m", "layers": [
        {"module": "keras.layers", "class_name": "InputLayer", "registered_name": null,
         "config": {"batch_shape": [null, 3], "dtype": "float32", "name": "in"}},
        {"module": "keras.layers", "class_name": "Dense", "registered_name": null,
         "config": {"units": 2, "name": "first"}},
        {"module": "keras.layers", "class_name": "BatchNormalization", "registered_name": null,
         "config": {"name": "norm"}}]}})",
      "model"));
}

TEST(WeightsByPath, BothFormsBothWays) {
  TemporaryFolder folder;
  const ModelPtr model = make_model();
  for (const char* name : {"w.safetensors", "w.npz"}) {
    const std::string path = folder.file(name);
    save_weights(*model, path);
    const ModelPtr other = make_model();
    ASSERT_NE(other->weights_hash(), model->weights_hash());
    load_weights(*other, path);
    EXPECT_EQ(other->weights_hash(), model->weights_hash()) << name;
  }
  const auto names = read_npz(read_file(folder.file("w.npz")), "w");
  EXPECT_EQ(names.size(), 6u);
  EXPECT_EQ(names.at("first/kernel").shape(), (Shape{3, 2}));
  EXPECT_TRUE(names.contains("norm/moving_variance"));
}

TEST(WeightsByPath, NothingChangesWhenSomethingIsWrong) {
  TemporaryFolder folder;
  const ModelPtr model = make_model();
  const auto good = weights_by_path(*model);
  const auto hash = model->weights_hash();
  const auto load = [&](std::map<std::string, Tensor> tensors) {
    const std::string path = folder.file("w.safetensors");
    write_file(path, write_safetensors(tensors));
    load_weights(*model, path);
  };
  const Tensor ones = Tensor::of<float>({2}, {1, 1});
  auto bad = good;
  bad["first/bias"] = ones;
  bad["second/bias"] = ones;
  EXPECT_ERROR(load(bad), Code::kCorrupt, "no weight 'second/bias'");
  bad = good;
  bad["first/bias"] = ones;
  bad.erase("norm/gamma");
  EXPECT_ERROR(load(bad), Code::kCorrupt, "'norm/gamma'");
  bad = good;
  bad["first/bias"] = ones;
  bad["norm/gamma"] = Tensor::of<float>({1}, {1});
  EXPECT_ERROR(load(bad), Code::kCorrupt, "norm/gamma");
  EXPECT_ERROR(load_weights(*model, folder.file("none.npz")), Code::kNotFound, "none.npz");
  write_file(folder.file("w.npz"), "PK nothing");
  EXPECT_ERROR(load_weights(*model, folder.file("w.npz")), Code::kCorrupt, "w.npz");
  EXPECT_ERROR(save_weights(*model, folder.file("w.bin")), Code::kInvalidArgument, "'.npz'");
  EXPECT_EQ(model->weights_hash(), hash);
}

}  // namespace
}  // namespace keratin::io
