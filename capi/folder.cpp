#include "io/folder.h"

#include "capi/handles.h"
#include "io/file.h"
#include "io/image.h"

using namespace keratin;
using namespace keratin::capi;

// A folder and the handles of its present batch.
struct kt_folder {
  io::Folder folder;
  kt_tensor x{}, y{};
  kt_tensor* of_x[1] = {&x};
  kt_tensor* of_y[1] = {&y};

  kt_folder(const std::string& path, bool texts, const Json& config)
      : folder(path, texts, io::FolderOptions::from_json(config, texts)) {}
};

kt_error* kt_image_load(const char* path, int64_t channels, kt_tensor** tensor) {
  return give(tensor, "tensor", [&] {
    const std::string name = &need(path, "path");
    return new kt_tensor{io::decode_image(io::read_file(name), name, channels)};
  });
}

kt_error* kt_folder_open(const char* path, int texts, const char* config, kt_folder** folder) {
  return give(folder, "folder", [&] {
    const Json json = json_of(config, "config");
    return new kt_folder(&need(path, "path"), texts != 0, json);
  });
}

int64_t kt_folder_count(const kt_folder* folder) { return folder ? folder->folder.count() : 0; }

int64_t kt_folder_batches(const kt_folder* folder) {
  if (!folder) return 0;
  const int64_t size = folder->folder.batch_size();
  return folder->folder.count() / size + (folder->folder.count() % size != 0);
}

kt_error* kt_folder_class_names(const kt_folder* folder, char** json) {
  return give(json, "json",
              [&] { return make_string(Json(need(folder, "folder").folder.class_names())); });
}

kt_error* kt_folder_next(kt_folder* folder, kt_tensor** x, kt_tensor** y) {
  if (x) *x = nullptr;
  if (y) *y = nullptr;
  return guard([&] {
    need(x, "x");
    need(y, "y");
    Dataset batch;
    if (!need(folder, "folder").folder.next(batch)) return;
    auto first = std::make_unique<kt_tensor>(kt_tensor{std::move(batch.x[0])});
    if (!batch.y.empty()) *y = new kt_tensor{std::move(batch.y[0])};
    *x = first.release();
  });
}

kt_error* kt_folder_restart(kt_folder* folder) {
  return guard([&] { need(folder, "folder").folder.restart(); });
}

kt_error* kt_folder_source(kt_folder* folder, kt_batch_source* source) {
  return guard([&] {
    need(folder, "folder");
    kt_batch_source& s = need(source, "source");
    s = KT_BATCH_SOURCE_INIT;
    s.context = folder;
    s.restart = [](void* context) {
      return guard([&] { static_cast<kt_folder*>(context)->folder.restart(); });
    };
    s.next = [](void* context, kt_data* batch) {
      return guard([&] {
        auto& mine = *static_cast<kt_folder*>(context);
        Dataset data;
        if (!mine.folder.next(data)) return;
        mine.x.tensor = std::move(data.x[0]);
        batch->x = mine.of_x;
        batch->n_x = 1;
        if (data.y.empty()) return;
        mine.y.tensor = std::move(data.y[0]);
        batch->y = mine.of_y;
        batch->n_y = 1;
      });
    };
  });
}

void kt_folder_free(kt_folder* folder) { delete folder; }
