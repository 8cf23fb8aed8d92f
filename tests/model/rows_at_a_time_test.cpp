// A batch is computed some rows at a time where what lies between the layers would leave the
// caches.
#include <gtest/gtest.h>

#include "model/model.h"

namespace keratin {
namespace {

LayerPtr layer(const char* class_name, const Json& config = Json::object()) {
  return std::static_pointer_cast<Layer>(create("layers", class_name, config));
}

ModelPtr images(std::int64_t extent) {
  return Model::sequential(
      {make_input({extent, extent, 3}).node->layer,
       layer("Conv2D", {{"filters", 16}, {"kernel_size", {3, 3}}, {"activation", "relu"}}),
       layer("BatchNormalization"), layer("GlobalAveragePooling2D"),
       layer("Dense", {{"units", 2}})});
}

TEST(RowsAtATime, AreFewOfLargeRows) {
  const ModelPtr model = images(64);
  const std::int64_t rows = model->rows_at_a_time(64);
  EXPECT_LT(rows, 32);
  EXPECT_EQ(64 % rows, 0);
  EXPECT_EQ(model->rows_at_a_time(64, model->input_specs()), rows);
  EXPECT_EQ(model->rows_at_a_time(61), 61);  // in no equal parts
  EXPECT_EQ(model->rows_at_a_time(1), 1);
}

TEST(RowsAtATime, AreAllOfSmallRows) { EXPECT_EQ(images(4)->rows_at_a_time(64), 64); }

TEST(RowsAtATime, AreAllWhereWeightsAreMostOfTheMemory) {
  const ModelPtr model =
      Model::sequential({make_input({3000}).node->layer, layer("Dense", {{"units", 3000}})});
  EXPECT_EQ(model->rows_at_a_time(256), 256);
}

TEST(RowsAtATime, AreAllWhereRowsMeet) {
  const KerasTensor x = make_input({64, 64, 16});
  const KerasTensor mean =
      call_layer(layer("Operation", {{"op", "mean"}, {"attributes", {{"axis", 0}}}}), {x})[0];
  const KerasTensor y = call_layer(layer("Subtract"), {x, mean})[0];
  const ModelPtr model = Model::functional({x}, {y});
  EXPECT_EQ(model->rows_at_a_time(64), 64);
}

}  // namespace
}  // namespace keratin
