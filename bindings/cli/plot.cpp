// A model's graph as a picture: its calls in rows from the inputs down, as SVG.
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <utility>

#include "commands.h"
#include "keratin/keratin.hpp"

namespace cli {
namespace {

using Json = nlohmann::ordered_json;

// A call of a layer, or a place where a line passes a row on its way further down (no name).
struct Box {
  std::string name, class_name, shapes;
  std::vector<std::size_t> from;
  std::size_t row = 0;
  double x = 0, y = 0, width = 0;  // of its middle, in pixels
};

constexpr double kHeight = 52, kGapX = 24, kGapY = 36, kMargin = 16, kBend = 8;

std::string shape_text(const Json& shape) {
  std::string text = "(";
  for (const Json& extent : shape)
    text += (text.size() > 1 ? ", " : "") + (extent.is_null() ? "None" : extent.dump());
  return text + (shape.size() == 1 ? ",)" : ")");
}

// The calls of a functional model or the chain of a Sequential one, in the order of a topological
// sort.
class Calls {
 public:
  explicit Calls(const Json& model) {
    const Json& config = model.at("config");
    const bool chain = model.at("class_name") == "Sequential";
    for (const Json& layer : config.at("layers")) {
      const Json& settings = layer.at("config");
      const std::string name = layer.value("name", settings.value("name", ""));
      layers_[name] = &layer;
      if (!chain) {
        const std::size_t nodes = std::max<std::size_t>(1, layer.at("inbound_nodes").size());
        for (std::size_t i = 0; i < nodes; ++i) wanted_.emplace_back(name, i);
        continue;
      }
      Box box{name, layer.at("class_name"), input_shape(layer), {}};
      if (!boxes_.empty()) box.from = {boxes_.size() - 1};
      boxes_.push_back(std::move(box));
    }
    for (const auto& [name, index] : wanted_) add(name, index);
  }

  std::vector<Box> take() { return std::move(boxes_); }

 private:
  static std::string input_shape(const Json& layer) {
    const Json& config = layer.at("config");
    if (config.contains("batch_shape")) return shape_text(config["batch_shape"]);
    const Json build = layer.value("build_config", Json());
    if (!build.is_object() || !build.contains("input_shape")) return "";
    const Json& shape = build["input_shape"];
    return shape.is_array() && !shape.empty() && !shape[0].is_array() ? shape_text(shape) : "";
  }

  // Its inputs first; their number is bounded by that of the calls, for each is made once.
  std::size_t add(const std::string& name, std::size_t index) {
    const auto [place, is_new] = made_.try_emplace({name, index}, SIZE_MAX);
    if (!is_new) {
      if (place->second == SIZE_MAX) throw std::runtime_error("the graph has a circle at " + name);
      return place->second;
    }
    const auto found = layers_.find(name);
    if (found == layers_.end()) throw std::runtime_error("the graph names no layer " + name);
    const Json& layer = *found->second;
    Box box{name, layer.at("class_name"), "", {}};
    const Json& nodes = layer.at("inbound_nodes");
    if (index < nodes.size()) collect(nodes[index], box);
    if (box.shapes.empty()) box.shapes = input_shape(layer);
    boxes_.push_back(std::move(box));
    return made_[{name, index}] = boxes_.size() - 1;
  }

  // The symbolic tensors anywhere within arguments.
  void collect(const Json& json, Box& box) {
    if (json.is_object() && json.value("class_name", Json()) == "__keras_tensor__") {
      const Json& tensor = json.at("config");
      const Json& history = tensor.at("keras_history");
      box.from.push_back(add(history.at(0), history.at(1)));
      box.shapes += (box.shapes.empty() ? "" : ", ") + shape_text(tensor.at("shape"));
    } else if (json.is_structured()) {
      for (const Json& item : json) collect(item, box);
    }
  }

  std::map<std::string, const Json*> layers_;
  std::vector<std::pair<std::string, std::size_t>> wanted_;
  std::map<std::pair<std::string, std::size_t>, std::size_t> made_;
  std::vector<Box> boxes_;
};

// Sugiyama's way: rows by the longest path, lines through more than one row pass places of their
// own, and each row is ordered by where its lines come from.
std::vector<std::vector<std::size_t>> arrange(std::vector<Box>& boxes) {
  for (Box& box : boxes)
    for (const std::size_t from : box.from) box.row = std::max(box.row, boxes[from].row + 1);
  for (std::size_t i = 0, count = boxes.size(); i < count; ++i)
    for (std::size_t k = 0; k < boxes[i].from.size(); ++k) {
      std::size_t from = boxes[i].from[k];
      while (boxes[from].row + 1 < boxes[i].row) {
        Box place;
        place.from = {from};
        place.row = boxes[from].row + 1;
        from = boxes.size();
        boxes.push_back(std::move(place));
      }
      boxes[i].from[k] = from;
    }

  std::vector<std::vector<std::size_t>> rows;
  for (std::size_t i = 0; i < boxes.size(); ++i) {
    Box& box = boxes[i];
    const std::size_t letters =
        std::max({box.name.size(), box.class_name.size(), box.shapes.size()});
    box.width = box.name.empty() ? kBend : 20 + 7.2 * double(letters);
    rows.resize(std::max(rows.size(), box.row + 1));
    rows[box.row].push_back(i);
  }
  for (std::size_t r = 0; r < rows.size(); ++r) {
    std::map<std::size_t, double> wish;
    for (const std::size_t i : rows[r]) {
      double sum = 0;
      for (const std::size_t from : boxes[i].from) sum += boxes[from].x;
      wish[i] = boxes[i].from.empty() ? 0 : sum / double(boxes[i].from.size());
    }
    std::stable_sort(rows[r].begin(), rows[r].end(),
                     [&](std::size_t a, std::size_t b) { return wish[a] < wish[b]; });
    double width = -kGapX, middle = 0;
    for (const std::size_t i : rows[r]) {
      width += boxes[i].width + kGapX;
      middle += wish[i] / double(rows[r].size());
    }
    double x = middle - width / 2;
    for (const std::size_t i : rows[r]) {
      boxes[i].x = x + boxes[i].width / 2;
      boxes[i].y = kMargin + double(r) * (kHeight + kGapY) + kHeight / 2;
      x += boxes[i].width + kGapX;
    }
  }
  return rows;
}

std::string escaped(const std::string& text) {
  std::string out;
  for (const char c : text) {
    if (c == '&')
      out += "&amp;";
    else if (c == '<')
      out += "&lt;";
    else if (c == '>')
      out += "&gt;";
    else
      out += c;
  }
  return out;
}

std::string number(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.1f", value);
  return text;
}

std::string draw(std::vector<Box>& boxes) {
  const std::size_t rows = arrange(boxes).size();
  double left = 0, right = 0;
  for (const Box& box : boxes) {
    left = std::min(left, box.x - box.width / 2);
    right = std::max(right, box.x + box.width / 2);
  }
  for (Box& box : boxes) box.x += kMargin - left;
  const std::string width = number(right - left + 2 * kMargin);
  const std::string height = number(double(rows) * (kHeight + kGapY) - kGapY + 2 * kMargin);
  std::string svg = "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"" + width + "\" height=\"" +
                    height + "\" viewBox=\"0 0 " + width + " " + height +
                    "\" font-family=\"monospace\" font-size=\"12\" text-anchor=\"middle\">\n"
                    "<rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n"
                    "<defs><marker id=\"arrow\" viewBox=\"0 0 8 8\" refX=\"7\" refY=\"4\" "
                    "markerWidth=\"8\" markerHeight=\"8\" orient=\"auto\">"
                    "<path d=\"M0 0 8 4 0 8z\" fill=\"#555\"/></marker></defs>\n";
  for (const Box& box : boxes)
    for (const std::size_t from : box.from) {
      const Box& above = boxes[from];
      const double y0 = above.y + (above.name.empty() ? 0 : kHeight / 2);
      const double y1 = box.y - (box.name.empty() ? 0 : kHeight / 2), bend = (y0 + y1) / 2;
      svg += "<path d=\"M" + number(above.x) + " " + number(y0) + "C" + number(above.x) + " " +
             number(bend) + " " + number(box.x) + " " + number(bend) + " " + number(box.x) + " " +
             number(y1) + "\" fill=\"none\" stroke=\"#555\"" +
             (box.name.empty() ? "" : " marker-end=\"url(#arrow)\"") + "/>\n";
    }
  for (const Box& box : boxes) {
    if (box.name.empty()) continue;
    svg += "<rect x=\"" + number(box.x - box.width / 2) + "\" y=\"" + number(box.y - kHeight / 2) +
           "\" width=\"" + number(box.width) + "\" height=\"" + number(kHeight) +
           "\" rx=\"4\" fill=\"#eef3fa\" stroke=\"#345\"/>\n";
    const std::pair<std::string, const char*> lines[] = {
        {box.class_name, " font-weight=\"bold\""}, {box.name, ""}, {box.shapes, " fill=\"#555\""}};
    double y = box.y - 11;
    for (const auto& [text, style] : lines) {
      svg += "<text x=\"" + number(box.x) + "\" y=\"" + number(y) + "\"" + style + ">" +
             escaped(text) + "</text>\n";
      y += 15;
    }
  }
  return svg + "</svg>\n";
}

}  // namespace

void plot(const std::string& file, const std::string& picture) {
  const kt::Model model = kt::Model::load(file, false);
  std::vector<Box> boxes = Calls(Json::parse(model.to_json())).take();
  const std::string svg = draw(boxes);
  const std::string aside = picture + ".part";
  std::ofstream out(aside, std::ios::binary);
  out << svg;
  out.close();
  if (!out) {
    std::remove(aside.c_str());
    throw std::runtime_error(picture + ": cannot be written");
  }
  std::filesystem::rename(aside, picture);
}

}  // namespace cli
