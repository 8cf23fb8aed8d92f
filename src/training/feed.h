// Batches on their way into the graph: cut out of arrays, shuffled or not, or taken from a source.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "graph/plan.h"
#include "training/data.h"

namespace keratin {

// Batches of columns as the graph takes them: those of another dtype are converted into memory of
// one batch.
class Converted {
 public:
  Converted(const Prepared& data, std::int64_t batch_size);
  // `count` rows of column i, which lie at `rows`. Valid until the next ones of this column.
  const void* batch(std::size_t i, const void* rows, std::int64_t count);

 private:
  struct Column {
    DType from;
    std::int64_t row;  // elements
    Tensor memory;     // empty: taken as they are
  };
  std::vector<Column> columns_;
};

// A whole data set becomes the inputs.
void bind_all(const Prepared& data, Workspace& workspace);

class Feed {
 public:
  virtual ~Feed() = default;
  virtual void restart() = 0;                         // before the first batch of a pass
  virtual std::int64_t next() = 0;                    // rows of the next batch, 0 at the end
  virtual const Prepared& data() const = 0;           // what the present batch is part of
  virtual bool varies() const { return false; }       // whether batches may differ in form
  virtual void bind(Workspace& workspace) = 0;        // the present batch becomes the inputs
  virtual std::int64_t batches() const { return 0; }  // of a pass; 0 if not known

  // Where the next batch stands: number of the pass, from 1 (0: none has begun), and batch in it.
  struct Place {
    std::int64_t pass = 0, batch = 0;
    std::uint64_t seed = 0;  // of the shuffling
  };
  virtual Place place() const = 0;
  // Goes there. A source is restarted where batch is not 0, and its first batches are passed over.
  virtual void seek(const Place& place) = 0;
};

// Rows of arrays in memory. Passes allocate nothing after the first.
class ArrayFeed : public Feed {
 public:
  // With a seed, each pass has its own permutation, a function of seed and number of the pass.
  ArrayFeed(Prepared data, std::int64_t batch_size, std::optional<std::uint64_t> shuffle_seed = {});
  void restart() override;
  std::int64_t next() override;
  const Prepared& data() const override { return data_; }
  void bind(Workspace& workspace) override;
  std::int64_t batches() const override { return (data_.rows + batch_size_ - 1) / batch_size_; }
  Place place() const override;
  void seek(const Place& place) override;

 protected:
  Prepared batch();  // the present one, as a data set

 private:
  const void* rows(std::size_t column);  // the present batch's

  Prepared data_;
  std::int64_t batch_size_;
  std::optional<std::uint64_t> seed_;
  std::int64_t pass_ = 0;
  std::int64_t begin_ = 0, end_ = 0;
  std::vector<std::int64_t> order_;  // of the rows in this pass; empty: as they are
  std::vector<Tensor> shuffled_;     // the shuffled batch, one a column
  Converted converted_;
};

// The same for a model that works ahead on each batch.
class AheadFeed : public ArrayFeed {
 public:
  AheadFeed(const Model& model, Prepared data, std::int64_t batch_size,
            std::optional<std::uint64_t> shuffle_seed)
      : ArrayFeed(std::move(data), batch_size, shuffle_seed), model_(model) {}
  std::int64_t next() override;
  const Prepared& data() const override { return present_; }
  bool varies() const override { return true; }
  void bind(Workspace& workspace) override { bind_all(present_, workspace); }

 private:
  const Model& model_;
  Prepared present_;
};

// One of these two. What is wrong with data or model shows now, if it can.
std::unique_ptr<ArrayFeed> array_feed(Model& model, Prepared data, std::int64_t batch_size,
                                      bool training,
                                      std::optional<std::uint64_t> shuffle_seed = {});

// Batches of a source, as large as they come.
class SourceFeed : public Feed {
 public:
  SourceFeed(Model& model, BatchSource& source, ClassWeights class_weight);
  void restart() override;
  std::int64_t next() override;
  const Prepared& data() const override { return data_; }
  bool varies() const override { return true; }
  void bind(Workspace& workspace) override { bind_all(data_, workspace); }
  Place place() const override { return place_; }
  void seek(const Place& place) override;

 private:
  Model& model_;
  BatchSource& source_;
  ClassWeights class_weight_;
  Prepared data_;
  Place place_;
};

}  // namespace keratin
