#include "training/feed.h"

#include <algorithm>
#include <cstring>
#include <numeric>

#include "core/convert.h"
#include "core/random.h"
#include "training/ahead.h"
#include "training/steps.h"

namespace keratin {
namespace {

void gather(const Tensor& column, const std::int64_t* rows, std::int64_t count, void* to) {
  const std::size_t bytes = column.bytes() / static_cast<std::size_t>(column.shape()[0]);
  const auto* from = static_cast<const char*>(column.raw());
  auto* out = static_cast<char*>(to);
  if (bytes == 4) {
    for (std::int64_t i = 0; i < count; ++i) std::memcpy(out + 4 * i, from + 4 * rows[i], 4);
    return;
  }
  for (std::int64_t i = 0; i < count; ++i)
    std::memcpy(out + static_cast<std::size_t>(i) * bytes,
                from + static_cast<std::size_t>(rows[i]) * bytes, bytes);
}

}  // namespace

Converted::Converted(const Prepared& data, std::int64_t batch_size) {
  for (std::size_t i = 0; i < data.columns.size(); ++i) {
    const Tensor& column = data.columns[i];
    Shape shape = column.shape();
    shape[0] = batch_size;
    columns_.push_back(
        {column.dtype(), column.size() / data.rows,
         column.dtype() == data.dtypes[i] ? Tensor() : Tensor(data.dtypes[i], shape)});
  }
}

const void* Converted::batch(std::size_t i, const void* rows, std::int64_t count) {
  const Column& column = columns_[i];
  if (column.memory.empty()) return rows;
  convert(rows, column.from, column.memory.raw(), column.memory.dtype(), count * column.row);
  return column.memory.raw();
}

ArrayFeed::ArrayFeed(Prepared data, std::int64_t batch_size,
                     std::optional<std::uint64_t> shuffle_seed)
    : data_(std::move(data)),
      batch_size_(std::min(batch_size, data_.rows)),
      seed_(shuffle_seed),
      converted_(data_, batch_size_) {
  if (!seed_) return;
  order_.resize(static_cast<std::size_t>(data_.rows));
  for (const Tensor& column : data_.columns) {
    Shape shape = column.shape();
    shape[0] = batch_size_;
    shuffled_.emplace_back(column.dtype(), shape);
  }
}

void ArrayFeed::restart() {
  begin_ = end_ = 0;
  const std::int64_t pass = pass_++;
  if (!seed_) return;
  std::iota(order_.begin(), order_.end(), 0);
  Random random(*seed_, static_cast<std::uint64_t>(pass));
  for (std::size_t i = order_.size(); i > 1; --i)
    std::swap(order_[i - 1],
              order_[static_cast<std::size_t>(random.below(static_cast<std::int64_t>(i)))]);
}

std::int64_t ArrayFeed::next() {
  begin_ = end_;
  end_ = std::min(begin_ + batch_size_, data_.rows);
  return end_ - begin_;
}

Feed::Place ArrayFeed::place() const {
  return {pass_, (end_ + batch_size_ - 1) / batch_size_, seed_.value_or(0)};
}

void ArrayFeed::seek(const Place& place) {
  if (seed_) seed_ = place.seed;
  pass_ = std::max<std::int64_t>(place.pass - 1, 0);
  if (place.pass > 0) restart();
  begin_ = end_ = std::min(place.batch, batches()) * batch_size_;
  end_ = std::min(end_, data_.rows);
}

const void* ArrayFeed::rows(std::size_t i) {
  const Tensor& column = data_.columns[i];
  if (seed_) {
    gather(column, order_.data() + begin_, end_ - begin_, shuffled_[i].raw());
    return shuffled_[i].raw();
  }
  const std::size_t row = column.bytes() / static_cast<std::size_t>(data_.rows);
  return static_cast<const char*>(column.raw()) + row * static_cast<std::size_t>(begin_);
}

void ArrayFeed::bind(Workspace& workspace) {
  for (std::size_t i = 0; i < data_.columns.size(); ++i)
    workspace.set_input(static_cast<int>(i), converted_.batch(i, rows(i), end_ - begin_));
}

Prepared ArrayFeed::batch() {
  if (!seed_) return data_.part(begin_, end_);
  Prepared shuffled = data_;
  for (std::size_t i = 0; i < shuffled_.size(); ++i) {
    rows(i);
    shuffled.columns[i] = shuffled_[i];
  }
  return shuffled.part(0, end_ - begin_);
}

std::int64_t AheadFeed::next() {
  const std::int64_t rows = ArrayFeed::next();
  if (rows > 0) present_ = worked_ahead(model_, batch());
  return rows;
}

SourceFeed::SourceFeed(Model& model, BatchSource& source, ClassWeights class_weight)
    : model_(model), source_(source), class_weight_(std::move(class_weight)) {}

void SourceFeed::restart() {
  ++place_.pass;
  place_.batch = 0;
  source_.restart();
}

std::int64_t SourceFeed::next() {
  Dataset batch;
  if (!source_.next(batch)) return 0;
  ++place_.batch;
  build_for_data(model_, batch);
  data_ = worked_ahead(model_, prepare(model_, batch, class_weight_));
  return data_.rows;
}

void SourceFeed::seek(const Place& place) {
  if (place.batch > 0) restart();
  place_ = {place.pass, 0, 0};
  while (place_.batch < place.batch && next() > 0) {
  }
}

void bind_all(const Prepared& data, Workspace& workspace) {
  for (std::size_t i = 0; i < data.columns.size(); ++i)
    workspace.set_input(static_cast<int>(i), data.columns[i].raw());
}

std::unique_ptr<ArrayFeed> array_feed(Model& model, Prepared data, std::int64_t batch_size,
                                      bool training, std::optional<std::uint64_t> shuffle_seed) {
  if (works_ahead(model))
    return std::make_unique<AheadFeed>(model, std::move(data), batch_size, shuffle_seed);
  step_for(model, data, training);
  return std::make_unique<ArrayFeed>(std::move(data), batch_size, shuffle_seed);
}

}  // namespace keratin
