/* clang-format off */
/* Keratin: deep learning the Keras way, as one shared library.
 *
 * Conventions, which every function below follows:
 *
 * Handles.   kt_tensor, kt_layer, kt_model, ... are opaque. What a function returns through its last
 *            argument belongs to the caller, who gives it back by kt_<thing>_free; freeing NULL does
 *            nothing. Handles count references inside: a model keeps its layers, a history needs no
 *            model, so they may be freed in any order. A handle that a function takes stays the
 *            caller's. What is `const` in a result is borrowed; how long it lives is said there.
 * Errors.    A call that can fail returns a kt_error*: NULL is success; anything else describes what
 *            failed, names the thing it concerns and belongs to the caller (kt_error_free). After an
 *            error the results are NULL or 0 and nothing has changed unless said otherwise. A NULL
 *            for an argument that must be there is an error, too, never a crash. Functions that
 *            return no kt_error cannot fail; for a NULL handle they return NULL or 0.
 * Strings.   UTF-8, ended by 0. A char** result is freed by kt_string_free. `config` and other JSON
 *            arguments may be NULL for "{}". Infinity, -Infinity and NaN stand in configurations as
 *            Python writes them.
 * Shapes.    `const int64_t* shape, size_t rank`; row-major. -1 is an extent not known yet. Symbolic
 *            shapes begin with the batch axis, -1, but for kt_input, which adds it.
 * Functions of the caller (callbacks, custom layers, batch sources) get the `context` they were given
 *            with. They return NULL to go on, or a kt_error* (kt_error_create), which stops the work
 *            and is what the running call returns. They must not throw or jump out.
 * Threads.   Different handles, different threads: always. On one model, kt_model_predict may run in
 *            many threads at once while nobody trains or changes it. Everything else on one handle is
 *            for one thread at a time; on a model that another thread uses it is an error
 *            (KT_ERROR_STATE), not a race. Functions without a kt_error* (counts, flags) cannot say
 *            so: not while another thread builds or trains what they ask about, nor may two threads
 *            call one layer that is not built. Functions of the caller run in the thread that called.
 * Options.   Structs begin with struct_size; start from their initializer
 *            (kt_fit_options o = KT_FIT_OPTIONS_INIT) and set what differs. A NULL for options means
 *            the initializer's values. The structs may grow at their end; programs built before go
 *            on working.
 * Names.     Layers, losses, metrics, ... are made by Keras' class names and configurations (JSON);
 *            defaults are Keras' own. kt_registry_classes lists what there is.
 * Guests.    The library prints nothing, starts nothing before it is used, changes no setting of the
 *            process, and works in a child after fork().
 *
 * C99 and C++. The ABI is stable within one SONAME.
 */
/* clang-format on */
#ifndef KERATIN_KERATIN_H
#define KERATIN_KERATIN_H

#include <stddef.h>
#include <stdint.h>

#if defined(__GNUC__)
#define KT_API __attribute__((visibility("default")))
#else
#define KT_API
#endif

#define KT_VERSION_MAJOR 0
#define KT_VERSION_MINOR 1
#define KT_VERSION_PATCH 0

#ifdef __cplusplus
extern "C" {
#endif

/* ---- Library ------------------------------------------------------------------------------- */

/* Version of the library that runs, "0.1.0"; static. */
KT_API const char* kt_version(void);

/* Keras' keras.utils.set_random_seed: what is random and has no seed of its own (initial weights,
 * shuffling, dropout) follows from `seed` and the order of the calls. Otherwise the system seeds.
 */
KT_API void kt_set_random_seed(uint64_t seed);

/* Number of threads that one call may use, the caller's included; 1 to 256. Default: the variable
 * KERATIN_NUM_THREADS, else the processors at hand. Results are the same bits for any number. */
KT_API int kt_num_threads(void);
/* Errors: INVALID_ARGUMENT. */
typedef struct kt_error kt_error;
KT_API kt_error* kt_set_num_threads(int count);

/* Keras' keras.config.set_dtype_policy: the policy of layers that are made, or read from a
 * configuration, without a "dtype"; of the process, at first "float32". `name` is
 *   "float32"         everything in float32;
 *   "float64"         layers compute in float64; their weights cannot be trained;
 *   "mixed_bfloat16"  the operands of products are rounded to bfloat16 (to nearest, ties to even)
 * and summed in float32: Dense, EinsumDense, convolutions but depthwise ones, attention, the
 * projections of recurrent layers, and all their gradients. Weights, what layers hand on and what
 * predict returns stay float32. Convolutions by 3x3 kernels may round what Winograd's transforms
 * make of the operands. Machines without AVX512_BF16 round alike (but for those), and are slower
 * than with "float32". A layer's own "dtype" goes before: Keras' custom is "float32" for a model's
 * last layer. Errors: UNSUPPORTED for Keras' other policies ("mixed_float16", "float16",
 * "bfloat16"), INVALID_ARGUMENT. */
KT_API kt_error* kt_set_dtype_policy(const char* name);
/* Its name. */
KT_API kt_error* kt_dtype_policy(char** name);

/* Keras' keras.RematScope (gradient checkpointing), as a setting of the process: layers that are
 * made, or read from a file, from here on do not keep what they compute inside for the gradients,
 * but compute it again from their inputs. That takes memory off a training step and adds time; the
 * results are the same. A model inside a model is one layer in this. `mode` is
 *   "none"            as at first: everything is kept;
 *   "full"            every layer;
 *   "activations"     the activation functions of layers that have one;
 *   "larger_than"     layers whose outputs have more elements than `output_size_threshold` (Keras'
 *                     default: 1024), the batch axis counted as 1;
 *   "list_of_layers"  those of these `count` names, which are copied; `layer_names` may else be
 *                     NULL.
 * Errors: INVALID_ARGUMENT. */
KT_API kt_error* kt_set_remat(const char* mode, int64_t output_size_threshold,
                              const char* const* layer_names, size_t count);

/* Begins counting anew in the names given to layers without one: "dense", "dense_1", ... */
KT_API void kt_reset_names(void);

/* Frees a string that came as a char** result. */
KT_API void kt_string_free(char* string);

/* ---- Errors -------------------------------------------------------------------------------- */

typedef int kt_code;
enum {
  KT_OK = 0,
  KT_ERROR_INVALID_ARGUMENT = 1, /* an argument's value, shape or dtype is not acceptable */
  KT_ERROR_NOT_FOUND = 2,        /* no such file, class, layer, output, ... */
  KT_ERROR_UNSUPPORTED = 3,      /* known, but not possible here */
  KT_ERROR_IO = 4,               /* the operating system refused a read or a write */
  KT_ERROR_CORRUPT = 5,          /* a file or text is damaged or not what it claims to be */
  KT_ERROR_STATE = 6,            /* not in this state: not compiled, not built, in use */
  KT_ERROR_OUT_OF_MEMORY = 7,
  KT_ERROR_CALLBACK = 8, /* for the caller's own functions */
  KT_ERROR_INTERNAL = 9  /* a defect of the library */
};

/* KT_OK for NULL. */
KT_API kt_code kt_error_code(const kt_error* error);
/* Lives as long as the error; "" for NULL. */
KT_API const char* kt_error_message(const kt_error* error);
/* An error of the caller's own, to be returned by his functions. NULL for the message stands for
 * ""; a code that is none of the above for KT_ERROR_CALLBACK. Never NULL. */
KT_API kt_error* kt_error_create(kt_code code, const char* message);
KT_API void kt_error_free(kt_error* error);

/* ---- Tensors ------------------------------------------------------------------------------- */

typedef int kt_dtype;
enum {
  KT_FLOAT32 = 1,
  KT_FLOAT64 = 2,
  KT_INT32 = 3,
  KT_INT64 = 4,
  KT_UINT8 = 5,
  KT_UINT32 = 6,
  KT_BOOL = 7,   /* one byte, 0 or 1 */
  KT_STRING = 8, /* text; made and read by kt_tensor_of_strings and kt_tensor_string alone */
  KT_INT8 = 9
};

/* A dense array in memory, row-major and contiguous. */
typedef struct kt_tensor kt_tensor;

/* Owns its elements, which are 0. A shape of rank 0 is a scalar. */
KT_API kt_error* kt_tensor_create(kt_dtype dtype, const int64_t* shape, size_t rank,
                                  kt_tensor** tensor);

/* Over the caller's memory (aligned for its elements), without a copy. The memory must stay, with
 * the elements unchanged while a call works on them, until release(context) is called: once, from
 * any thread, when the last reference goes. `release` may be NULL. It is not called after an error.
 * The library writes only where it is told to: never into inputs, targets or weights given. */
KT_API kt_error* kt_tensor_over(void* data, kt_dtype dtype, const int64_t* shape, size_t rank,
                                void (*release)(void* context), void* context, kt_tensor** tensor);

/* Strings, row by row, copied. `sizes` are their bytes; NULL: each ends by 0. */
KT_API kt_error* kt_tensor_of_strings(const char* const* strings, const size_t* sizes,
                                      const int64_t* shape, size_t rank, kt_tensor** tensor);
/* An element of a KT_STRING tensor and, unless `size` is NULL, its bytes; lives as long as the
 * tensor and is not ended by 0. NULL for another dtype or out of range. */
KT_API const char* kt_tensor_string(const kt_tensor* tensor, int64_t index, size_t* size);

/* The elements; they live as long as the tensor. Of KT_STRING, nothing that can be used. NULL for a
 * tensor without elements. */
KT_API void* kt_tensor_data(const kt_tensor* tensor);
KT_API kt_dtype kt_tensor_dtype(const kt_tensor* tensor);
KT_API size_t kt_tensor_rank(const kt_tensor* tensor);
/* `rank` extents; they live as long as the tensor. */
KT_API const int64_t* kt_tensor_shape(const kt_tensor* tensor);
KT_API int64_t kt_tensor_size(const kt_tensor* tensor); /* number of elements */
/* Rows begin to end - 1 of the first axis; they share the memory, which both keep. */
KT_API kt_error* kt_tensor_rows(const kt_tensor* tensor, int64_t begin, int64_t end,
                                kt_tensor** rows);
KT_API void kt_tensor_free(kt_tensor* tensor);

/* DLPack (https://dmlc.github.io/dlpack), in processor memory, contiguous. No copy either way. */
struct DLManagedTensor;
/* Takes the managed tensor over: its deleter runs when the last reference goes. After an error it
 * is still the caller's. Errors: UNSUPPORTED for another device, element type or strides. */
KT_API kt_error* kt_tensor_from_dlpack(struct DLManagedTensor* managed, kt_tensor** tensor);
/* The consumer calls managed->deleter(managed). */
KT_API kt_error* kt_tensor_to_dlpack(const kt_tensor* tensor, struct DLManagedTensor** managed);

/* ---- CSV tables ---------------------------------------------------------------------------- */

/* A table with a header line (RFC 4180: quotes, embedded separators and line breaks). */
typedef struct kt_csv kt_csv;
/* Errors: NOT_FOUND, IO, CORRUPT naming file and line. */
KT_API kt_error* kt_csv_read(const char* path, kt_csv** csv);
KT_API size_t kt_csv_row_count(const kt_csv* csv);
KT_API size_t kt_csv_column_count(const kt_csv* csv);
/* Name of a column, text of a cell; they live as long as the table. NULL out of range. */
KT_API const char* kt_csv_column_name(const kt_csv* csv, size_t column);
KT_API const char* kt_csv_cell(const kt_csv* csv, size_t row, size_t column);
/* The columns of these names, [rows, count], KT_FLOAT32. Errors: NOT_FOUND naming the columns there
 * are, INVALID_ARGUMENT naming column and line of a cell that is no number. */
KT_API kt_error* kt_csv_numbers(const kt_csv* csv, const char* const* columns, size_t count,
                                kt_tensor** tensor);
KT_API void kt_csv_free(kt_csv* csv);

/* ---- NumPy's files ------------------------------------------------------------------------- */

/* The array of an .npy file, over the file's own pages, without a copy: the system reads them when
 * they are first looked at and may forget them again, so that data may be larger than memory. What
 * is written to the elements stays in this process. The file must not be cut short while the tensor
 * lives. Errors: NOT_FOUND, IO, CORRUPT, UNSUPPORTED (Fortran's order, other element types,
 * objects). */
KT_API kt_error* kt_npy_open(const char* path, kt_tensor** tensor);
/* The file at `path` is either the old or the new one, whole. */
KT_API kt_error* kt_npy_save(const kt_tensor* tensor, const char* path);

/* ---- Layers -------------------------------------------------------------------------------- */

/* One layer with its weights, alone or in models. Layers may be shared: by several calls and by
 * several models. A model is a layer, too (kt_model_as_layer). */
typedef struct kt_layer kt_layer;

/* kt_layer_create("Dense", "{\"units\": 10, \"activation\": \"relu\"}", &layer). Weights are made
 * when the layer is first called, or its model built.
 * Errors: NOT_FOUND (class), INVALID_ARGUMENT naming class and attribute, CORRUPT (JSON). */
KT_API kt_error* kt_layer_create(const char* class_name, const char* config, kt_layer** layer);
/* Names live as long as the handle. */
KT_API const char* kt_layer_name(const kt_layer* layer);
KT_API const char* kt_layer_class_name(const kt_layer* layer);
/* Keras' get_config(): every attribute, as JSON. */
KT_API kt_error* kt_layer_config(const kt_layer* layer, char** json);
/* 1 or 0. */
KT_API int kt_layer_trainable(const kt_layer* layer);
/* Also of all layers inside. For training to notice, compile the model anew, as in Keras. */
KT_API kt_error* kt_layer_set_trainable(kt_layer* layer, int trainable);

/* Weights in Keras' order (layer.weights): trainable ones first, layer by layer in models; none
 * before the layer is built. */
KT_API size_t kt_layer_weight_count(const kt_layer* layer);
/* Path of a weight, "dense/kernel". */
KT_API kt_error* kt_layer_weight_path(const kt_layer* layer, size_t index, char** path);
/* A copy. */
KT_API kt_error* kt_layer_weight(const kt_layer* layer, size_t index, kt_tensor** tensor);
/* All at once, in order; elements are converted to the weights' dtypes and copied. Shapes are
 * checked before anything changes; errors name the weight. */
KT_API kt_error* kt_layer_set_weights(kt_layer* layer, kt_tensor* const* tensors, size_t count);

/* Normalization learns mean and variance from `data`, [samples, ...]. For other layers UNSUPPORTED;
 * where mean and variance were given, STATE. Before models that hold it are compiled or predict. */
KT_API kt_error* kt_layer_adapt(kt_layer* layer, const kt_tensor* data);
KT_API void kt_layer_free(kt_layer* layer);

/* ---- Models -------------------------------------------------------------------------------- */

typedef struct kt_model kt_model;

/* A chain of layers. The first may be an InputLayer ("{\"shape\": [8]}"); without one the model is
 * built by kt_model_build or by the first data. `name` may be NULL. */
KT_API kt_error* kt_sequential_create(kt_layer* const* layers, size_t count, const char* name,
                                      kt_model** model);
/* Adds a layer at the end. Errors: STATE where the model is compiled or no chain. */
KT_API kt_error* kt_sequential_add(kt_model* model, kt_layer* layer);

/* Symbolic tensors: what layers and ops give before there are numbers. A functional model is what
 * lies between input and output tensors. (They also stand for values within custom layers and
 * losses; those are good for nothing but an error once the function they came to has returned.) */
typedef struct kt_symbolic kt_symbolic;

/* A placeholder; `shape` is without the batch axis. `name` may be NULL. */
KT_API kt_error* kt_input(const int64_t* shape, size_t rank, kt_dtype dtype, const char* name,
                          kt_symbolic** input);
/* Calls a layer, building it where needed. `training`: 1 or 0, which is saved with the model but,
 * as in Keras, does not outweigh the mode of the run; or KT_AS_RUN. `outputs` is an array of
 * n_outputs, the number that the layer gives: 1, but for models (kt_model_output_count) and custom
 * layers. Errors name the layer, the shapes expected and given. */
#define KT_AS_RUN (-1)
KT_API kt_error* kt_layer_call(kt_layer* layer, kt_symbolic* const* inputs, size_t n_inputs,
                               int training, kt_symbolic** outputs, size_t n_outputs);
/* The same with everything that Keras' call takes, and for layers whose outputs are as many as
 * their attributes and arguments ask for (return_state, return_attention_scores): `outputs` is an
 * array of `capacity`, of which the first *n_outputs are filled in. `form` is how Keras writes a
 * call, {"__keras_tensor__": i} standing for tensors[i]; NULL: all are inputs.
 *   {"args": [{"__keras_tensor__": 0}],
 *    "kwargs": {"initial_state": [{"__keras_tensor__": 1}, {"__keras_tensor__": 2}]}} */
KT_API kt_error* kt_layer_call_form(kt_layer* layer, const char* form, kt_symbolic* const* tensors,
                                    size_t n_tensors, kt_symbolic** outputs, size_t capacity,
                                    size_t* n_outputs);
/* Applies an op of Keras' keras.ops by name: "add", "exp", "matmul", "sum", ... Attributes go by
 * Keras' names as JSON; a constant (a number, nested lists of numbers) may stand for an argument:
 *   kt_op_call("sum", &x, 1, "{\"axis\": -1}", &y)
 *   kt_op_call("multiply", &x, 1, "{\"x2\": 0.5}", &y)
 * kt_ops lists them. In a functional model an op becomes a layer of class Operation, which is saved
 * as Keras saves ops, and opens there. */
KT_API kt_error* kt_op_call(const char* name, kt_symbolic* const* inputs, size_t n_inputs,
                            const char* attributes, kt_symbolic** output);
/* The same for ops that may give several tensors ("top_k", "split", "svd", ...): `outputs` is an
 * array of `capacity`, of which the first *n_outputs are filled in. */
KT_API kt_error* kt_op_call_all(const char* name, kt_symbolic* const* inputs, size_t n_inputs,
                                const char* attributes, kt_symbolic** outputs, size_t capacity,
                                size_t* n_outputs);
/* JSON: [{"name", "doc", "inputs": [least, most], "arguments": [{"name", "default", "list",
 * "variadic"}], "attributes": [{"name", "type", "default"}]}]: arguments are tensors or constants,
 * those with "list" any number of tensors ("variadic": each of them an argument in Keras). */
KT_API kt_error* kt_ops(char** json);
/* A constant next to `like`, which must be of a custom layer's or loss's call. Copied. */
KT_API kt_error* kt_constant(const kt_tensor* value, const kt_symbolic* like,
                             kt_symbolic** constant);
KT_API kt_dtype kt_symbolic_dtype(const kt_symbolic* symbolic);
KT_API size_t kt_symbolic_rank(const kt_symbolic* symbolic);
/* `rank` extents, which live as long as the handle; -1 where not known. */
KT_API const int64_t* kt_symbolic_shape(const kt_symbolic* symbolic);
/* Name of the layer that makes it; lives as long as the handle; "" within custom calls. */
KT_API const char* kt_symbolic_name(const kt_symbolic* symbolic);
KT_API void kt_symbolic_free(kt_symbolic* symbolic);

/* A functional model. Errors: INVALID_ARGUMENT if an output does not rest on the inputs alone, or
 * two layers have one name. `name` may be NULL. */
KT_API kt_error* kt_model_create(kt_symbolic* const* inputs, size_t n_inputs,
                                 kt_symbolic* const* outputs, size_t n_outputs, const char* name,
                                 kt_model** model);

/* Keras' model.to_json() and model_from_json(): architecture without weights. Classes come from the
 * registry; nothing is executed. */
KT_API kt_error* kt_model_from_json(const char* json, kt_model** model);
KT_API kt_error* kt_model_to_json(const kt_model* model, char** json);
/* Keras' clone_model(): the same architecture of new layers with new weights; not compiled. */
KT_API kt_error* kt_model_clone(const kt_model* model, kt_model** clone);

/* Builds a chain without InputLayer; `shape` includes the batch axis (-1 or any). */
KT_API kt_error* kt_model_build(kt_model* model, const int64_t* shape, size_t rank);
/* 1 once layers have their weights. */
KT_API int kt_model_is_built(const kt_model* model);
KT_API const char* kt_model_name(const kt_model* model); /* lives as long as the handle */
/* 0 before the model is built. */
KT_API size_t kt_model_input_count(const kt_model* model);
KT_API size_t kt_model_output_count(const kt_model* model);
/* Keras' model.inputs and model.outputs: names, dtypes and shapes, or to be called upon further. */
KT_API kt_error* kt_model_input(const kt_model* model, size_t index, kt_symbolic** input);
KT_API kt_error* kt_model_output(const kt_model* model, size_t index, kt_symbolic** output);
KT_API size_t kt_model_layer_count(const kt_model* model);
KT_API kt_error* kt_model_layer(const kt_model* model, size_t index, kt_layer** layer);
/* Errors: NOT_FOUND listing the names. */
KT_API kt_error* kt_model_layer_named(const kt_model* model, const char* name, kt_layer** layer);
/* One weight by its path, "dense/kernel" (kt_layer_weight_path): a copy. Errors: NOT_FOUND listing
 * the paths, UNSUPPORTED where two weights share it. */
KT_API kt_error* kt_model_weight(const kt_model* model, const char* path, kt_tensor** tensor);
/* Elements are converted to the weight's dtype and copied. Errors, too: INVALID_ARGUMENT with the
 * shapes expected and given. */
KT_API kt_error* kt_model_set_weight(kt_model* model, const char* path, const kt_tensor* tensor);
/* The model seen as a layer: to be called in another model; its weights. And back. */
KT_API kt_error* kt_model_as_layer(const kt_model* model, kt_layer** layer);
KT_API kt_error* kt_layer_as_model(const kt_layer* layer, kt_model** model);
/* Keras' summary() as text, `width` columns wide (0: 80). */
KT_API kt_error* kt_model_summary(const kt_model* model, int width, char** text);
KT_API kt_error* kt_model_count_params(const kt_model* model, int64_t* count);
/* FNV-1a (64 bit) over dtype, shape and elements of all weights in order: equal for equal weights.
 */
KT_API kt_error* kt_model_weights_hash(const kt_model* model, uint64_t* hash);
KT_API void kt_model_free(kt_model* model);

/* ---- Training ------------------------------------------------------------------------------ */

/* `config`: Keras' compile() arguments as JSON, names or serialized objects:
 *   {"optimizer": "adam", "loss": "binary_crossentropy", "metrics": ["accuracy"]}
 * also loss_weights, weighted_metrics, steps_per_execution, auto_scale_loss; losses and metrics by
 * output as lists or objects, as in Keras. Registered custom losses and metrics go by their names.
 */
KT_API kt_error* kt_model_compile(kt_model* model, const char* config);
/* 1 or 0. */
KT_API int kt_model_is_compiled(const kt_model* model);
/* The configuration in full, as Keras saves it. Errors: STATE where not compiled. */
KT_API kt_error* kt_model_compile_config(const kt_model* model, char** json);

/* Inputs, targets and sample weights; all with the same first axis, the sample. Borrowed for the
 * call; dtypes are converted as Keras does. */
typedef struct kt_data {
  size_t struct_size;
  kt_tensor* const* x; /* one for each input, in order */
  size_t n_x;
  kt_tensor* const* y; /* one for each output, or for each that has a loss */
  size_t n_y;
  kt_tensor* const* sample_weight; /* [samples]: none, one for all, or one for each output */
  size_t n_sample_weight;
} kt_data;
#define KT_DATA_INIT \
  { sizeof(kt_data), NULL, 0, NULL, 0, NULL, 0 }

/* What a loop reports: names and present values in Keras' order; a metric may have several values.
 */
typedef struct kt_logs kt_logs;
KT_API size_t kt_logs_count(const kt_logs* logs);
/* Both live as long as the logs. NULL out of range; n_values may be NULL. */
KT_API const char* kt_logs_key(const kt_logs* logs, size_t index);
KT_API const double* kt_logs_values(const kt_logs* logs, size_t index, size_t* n_values);
/* The (first) value of a key. Errors: NOT_FOUND naming the keys there are. */
KT_API kt_error* kt_logs_value(const kt_logs* logs, const char* key, double* value);
KT_API void kt_logs_free(kt_logs* logs);

/* What fit recorded: for each key, in Keras' order, a value an epoch. */
typedef struct kt_history kt_history;
KT_API size_t kt_history_epoch_count(const kt_history* history);
/* Their numbers, from initial_epoch on. What these three return lives as long as the history. */
KT_API const int64_t* kt_history_epochs(const kt_history* history);
KT_API size_t kt_history_key_count(const kt_history* history);
KT_API const char* kt_history_key(const kt_history* history, size_t index); /* NULL out of range */
/* First values of a key, one for each epoch that had it (validation may be rarer); they live as
 * long as the history. Errors: NOT_FOUND. */
KT_API kt_error* kt_history_values(const kt_history* history, const char* key,
                                   const double** values, size_t* n_values);
/* {"epoch": [...], "history": {key: [...]}}, lists for metrics of several values, null for what is
 * not finite. */
KT_API kt_error* kt_history_json(const kt_history* history, char** json);
KT_API void kt_history_free(kt_history* history);

/* Gets text to show (progress bars, notes of callbacks), pieces of lines included. */
typedef void (*kt_print)(void* context, const char* text);

typedef struct kt_callback kt_callback; /* see "Callbacks" below */

typedef struct kt_fit_options {
  size_t struct_size;
  int64_t batch_size; /* 0: 32, or rows / steps_per_epoch where that is given */
  int64_t epochs;     /* number of the last epoch: initial_epoch counts */
  int64_t initial_epoch;
  int64_t steps_per_epoch; /* 0: all batches; else the next epoch goes on where this one ended */
  int shuffle;             /* rows anew in each epoch, from the random seed */
  int verbose;             /* 0 silent, 1 progress bar, 2 a line an epoch; to `print` */
  kt_print print;          /* NULL: nowhere */
  void* print_context;
  double validation_split;        /* the last rows, taken before shuffling; 0 to below 1 */
  const kt_data* validation_data; /* NULL: none; goes before validation_split */
  int64_t validation_batch_size;  /* 0: batch_size */
  int64_t validation_steps;       /* 0: all */
  int64_t validation_freq;        /* every so many epochs */
  const char*
      class_weight; /* JSON: {"0": 1.0, "1": 2.5}, or {"output": {"0": 1.0}, ...}; or NULL */
  kt_callback* const* callbacks;
  size_t n_callbacks;
} kt_fit_options;
#define KT_FIT_OPTIONS_INIT \
  { sizeof(kt_fit_options), 0, 1, 0, 0, 1, 0, NULL, NULL, 0.0, NULL, 0, 0, 1, NULL, NULL, 0 }

typedef struct kt_evaluate_options {
  size_t struct_size;
  int64_t batch_size; /* 0: 32 */
  int64_t steps;      /* 0: all */
  int verbose;
  kt_print print;
  void* print_context;
  kt_callback* const* callbacks;
  size_t n_callbacks;
} kt_evaluate_options;
#define KT_EVALUATE_OPTIONS_INIT \
  { sizeof(kt_evaluate_options), 0, 0, 0, NULL, NULL, NULL, 0 }

typedef struct kt_predict_options {
  size_t struct_size;
  int64_t batch_size; /* 0: 32 */
  int verbose;
  kt_print print;
  void* print_context;
  kt_callback* const* callbacks;
  size_t n_callbacks;
} kt_predict_options;
#define KT_PREDICT_OPTIONS_INIT \
  { sizeof(kt_predict_options), 0, 0, NULL, NULL, NULL, 0 }

/* Trains. `history` may be NULL if it is of no interest. Errors: STATE (not compiled, in use),
 * INVALID_ARGUMENT naming the input or output with the shapes expected and given, and whatever a
 * callback returned; what was learned until then stays. */
KT_API kt_error* kt_model_fit(kt_model* model, const kt_data* data, const kt_fit_options* options,
                              kt_history** history);
/* Losses and metrics over the data, in the order of the list that Keras returns: loss first. */
KT_API kt_error* kt_model_evaluate(kt_model* model, const kt_data* data,
                                   const kt_evaluate_options* options, kt_logs** logs);
/* `outputs` is an array of n_outputs, which is kt_model_output_count; each becomes [samples, ...].
 * Any number of threads at once. Builds a chain without InputLayer. */
KT_API kt_error* kt_model_predict(kt_model* model, kt_tensor* const* x, size_t n_x,
                                  const kt_predict_options* options, kt_tensor** outputs,
                                  size_t n_outputs);
/* One step on one batch; logs of this batch alone. class_weight as in kt_fit_options. */
KT_API kt_error* kt_model_train_on_batch(kt_model* model, const kt_data* batch,
                                         const char* class_weight, kt_logs** logs);
KT_API kt_error* kt_model_test_on_batch(kt_model* model, const kt_data* batch, kt_logs** logs);
KT_API kt_error* kt_model_predict_on_batch(kt_model* model, kt_tensor* const* x, size_t n_x,
                                           kt_tensor** outputs, size_t n_outputs);

/* The present rate of the optimizer. Setting: STATE where there is a schedule. */
KT_API kt_error* kt_model_learning_rate(const kt_model* model, double* rate);
KT_API kt_error* kt_model_set_learning_rate(kt_model* model, double rate);
/* Updates made so far, as saved and loaded with the model. */
KT_API kt_error* kt_model_iterations(const kt_model* model, int64_t* iterations);

/* Data that comes in batches. */
typedef struct kt_batch_source {
  size_t struct_size;
  void* context;
  /* Before each pass (epoch). May be NULL if every pass ends by steps_per_epoch. */
  kt_error* (*restart)(void* context);
  /* Fills in x, y and sample_weight; leaving n_x 0 ends the pass. Arrays and tensors must stay
   * until the next call on this source. */
  kt_error* (*next)(void* context, kt_data* batch);
  /* Batches taken ahead, 0 to 1024. Above 0, restart and next run in a thread of the library's own,
   * beside training; still one at a time, and the call with the source returns after them. The
   * memory under the tensors of a batch must then stay until it is released. More may be taken than
   * are used. */
  int64_t prefetch;
} kt_batch_source;
#define KT_BATCH_SOURCE_INIT \
  { sizeof(kt_batch_source), NULL, NULL, NULL, 0 }

/* As above; batch_size, shuffle and validation_split do not apply. */
KT_API kt_error* kt_model_fit_source(kt_model* model, const kt_batch_source* source,
                                     const kt_fit_options* options, kt_history** history);
KT_API kt_error* kt_model_evaluate_source(kt_model* model, const kt_batch_source* source,
                                          const kt_evaluate_options* options, kt_logs** logs);

/* ---- Predictions in real time -------------------------------------------------------------- */

/* A model made ready to predict for callers who must not wait, as an audio callback or a control
 * loop: for one batch size, on the caller's memory, in the calling thread alone. kt_predictor_run
 * allocates nothing, takes no lock, makes no system call and does not fail where its arguments are
 * good. (What it rests on may be read by the system from disk or swap the first time: mlockall(2)
 * is the host's to call. A layer that looks up tokens and was told to refuse unknown ones does
 * fail on them; making an error allocates.)
 *
 * A predictor holds a copy of the weights as they are when it is made, and memory of its own: the
 * model may go, be changed, or be trained in another thread meanwhile. To predict with new weights
 * make a new one, and exchange the two where the caller's thread may do so. Nothing stays from one
 * run for the next (stateful recurrent layers begin at zero, as on Keras' JAX backend).
 *
 * Each for one thread at a time (else KT_ERROR_STATE); as many as one likes at once. The results
 * are the bits of kt_model_predict, but for matrix products of which all three extents are 512 or
 * more: these go through OpenBLAS there, which takes locks. */
typedef struct kt_predictor kt_predictor;

/* `shapes` is NULL and n_shapes 0 where all extents of the model's inputs are known; else shapes[i]
 * has ranks[i] extents, all of them known: those of input i without the batch axis. Takes its time:
 * weights are copied and prepared, and one prediction is made. Errors: STATE where the model is not
 * built or in training in another thread, INVALID_ARGUMENT naming the input, UNSUPPORTED for inputs
 * and outputs of KT_STRING. */
KT_API kt_error* kt_predictor_create(const kt_model* model, int64_t batch_size,
                                     const int64_t* const* shapes, const size_t* ranks,
                                     size_t n_shapes, kt_predictor** predictor);
/* Another one that shares the copy of the weights, for another thread. Also while the first runs.
 */
KT_API kt_error* kt_predictor_clone(const kt_predictor* predictor, kt_predictor** clone);

KT_API size_t kt_predictor_input_count(const kt_predictor* predictor);
KT_API size_t kt_predictor_output_count(const kt_predictor* predictor);
/* What the elements under the pointers given to kt_predictor_run are: dtype, and `rank` extents,
 * the batch first, which live as long as the predictor. 0 and NULL out of range. */
KT_API kt_dtype kt_predictor_input_dtype(const kt_predictor* predictor, size_t index);
KT_API size_t kt_predictor_input_rank(const kt_predictor* predictor, size_t index);
KT_API const int64_t* kt_predictor_input_shape(const kt_predictor* predictor, size_t index);
KT_API kt_dtype kt_predictor_output_dtype(const kt_predictor* predictor, size_t index);
KT_API size_t kt_predictor_output_rank(const kt_predictor* predictor, size_t index);
KT_API const int64_t* kt_predictor_output_shape(const kt_predictor* predictor, size_t index);

/* Predicts. inputs[i] and outputs[i] are elements as said above, contiguous and aligned for their
 * type; no output overlaps an input or another output. The memory is of no interest after the
 * call. Errors: INVALID_ARGUMENT (numbers of pointers, NULL), STATE (runs in another thread). */
KT_API kt_error* kt_predictor_run(kt_predictor* predictor, const void* const* inputs,
                                  size_t n_inputs, void* const* outputs, size_t n_outputs);
KT_API void kt_predictor_free(kt_predictor* predictor);

/* ---- Quantization -------------------------------------------------------------------------- */

typedef struct kt_quantize_options {
  size_t struct_size;
  /* Samples like those to come, inputs alone: the scales of what goes into each layer are fixed by
   * them (static quantization), and convolutions are quantized, too. NULL: each call finds a scale
   * for each row, as Keras has it. */
  const kt_data* calibration;
  double
      percentile; /* of the magnitudes in a batch that a fixed scale covers: above 0, up to 100 */
  int64_t batch_size; /* of the calibration; 0: 32 */
  const char* layers; /* JSON: names of layers, of which those inside go with them; NULL: all */
} kt_quantize_options;
#define KT_QUANTIZE_OPTIONS_INIT \
  { sizeof(kt_quantize_options), NULL, 100.0, 0, NULL }

/* Keras' model.quantize("int8"), the one mode there is: kernels become int8 with a scale for each
 * column and are trained no longer (biases and other layers are); inputs become int8 on the way.
 * Dense, EinsumDense, Embedding and ReversibleEmbedding, also within other layers as
 * MultiHeadAttention; with a calibration set Conv1D, Conv2D and Conv3D of one group, or of groups
 * with three channels or more (depthwise ones are faster as floats). Saved models open in Keras,
 * which knows no fixed scales and takes each row's own; one with quantized convolutions opens here
 * alone. A compiled model is compiled anew, its optimizer begins anew.
 * Errors: UNSUPPORTED (Keras' other modes: int4, float8, gptq, awq; a layer without such a form,
 * named), STATE (not built; a layer is quantized already), NOT_FOUND (no such layer),
 * INVALID_ARGUMENT (also for calibration that is not finite). */
KT_API kt_error* kt_model_quantize(kt_model* model, const char* mode,
                                   const kt_quantize_options* options);

/* ---- Pictures, and files in folders -------------------------------------------------------- */

/* A PNG or JPEG file as uint8 [height, width, channels]; channels is 1 (grey), 3 or 4 (with
 * transparency). Errors: NOT_FOUND, IO, CORRUPT, UNSUPPORTED (neither form, CMYK). */
KT_API kt_error* kt_image_load(const char* path, int64_t channels, kt_tensor** tensor);

/* Files below folders that are named after their classes, read as they are needed, as Keras'
 * image_dataset_from_directory (texts 0: .png, .jpg, .jpeg, float32 [batch, height, width,
 * channels]) and text_dataset_from_directory (texts 1: .txt, strings [batch]) do. `config` has
 * their arguments: label_mode ("int": int32 [batch], "categorical", "binary", null for none, when
 * all files of the folder count), class_names, batch_size, shuffle, seed, validation_split with
 * subset ("training", "validation"), and color_mode, image_size, interpolation, or max_length.
 * Errors: NOT_FOUND, INVALID_ARGUMENT, IO. One thread at a time. */
typedef struct kt_folder kt_folder;
KT_API kt_error* kt_folder_open(const char* path, int texts, const char* config,
                                kt_folder** folder);
KT_API int64_t kt_folder_count(const kt_folder* folder);   /* of files */
KT_API int64_t kt_folder_batches(const kt_folder* folder); /* of an epoch */
/* JSON: the classes, in the order of their numbers. */
KT_API kt_error* kt_folder_class_names(const kt_folder* folder, char** json);
/* The next batch as new handles, `y` NULL where there are no labels; both NULL at the end of an
 * epoch. Errors: CORRUPT, UNSUPPORTED, IO, naming the file. */
KT_API kt_error* kt_folder_next(kt_folder* folder, kt_tensor** x, kt_tensor** y);
KT_API kt_error* kt_folder_restart(kt_folder* folder); /* begins an epoch */
/* Fills in a source that reads the folder, which must stay as long; set `prefetch` to read ahead.
 */
KT_API kt_error* kt_folder_source(kt_folder* folder, kt_batch_source* source);
KT_API void kt_folder_free(kt_folder* folder);

/* ---- Files --------------------------------------------------------------------------------- */

/* A .keras archive that Keras opens, compiled and with the optimizer's state where there is one.
 * Errors: IO; the file at `path` is either the old or the new one, whole. */
KT_API kt_error* kt_model_save(const kt_model* model, const char* path);
/* Reads one, of Keras' or ours; `compile` 0 leaves optimizer, losses and metrics out. Errors:
 * NOT_FOUND, IO, CORRUPT, UNSUPPORTED naming file and layer. */
KT_API kt_error* kt_model_load(const char* path, int compile, kt_model** model);
/* Weights alone. The ending says the form: .weights.h5 (Keras'), or .safetensors and .npz, which
 * hold each weight under its path, "dense/kernel", and no optimizer. Loading checks all names and
 * shapes before any weight changes. */
KT_API kt_error* kt_model_save_weights(const kt_model* model, const char* path);
KT_API kt_error* kt_model_load_weights(kt_model* model, const char* path);

/* ---- Callbacks ----------------------------------------------------------------------------- */

/* By name and configuration: kt_callback_create("EarlyStopping", "{\"patience\": 3}", &callback).
 */
KT_API kt_error* kt_callback_create(const char* class_name, const char* config,
                                    kt_callback** callback);

/* What a callback sees of the loop it runs in; good during its call only. */
typedef struct kt_loop kt_loop;
/* The model in training (a new handle): to look at, evaluate, predict with, save, or change its
 * learning rate and weights; not to train. */
KT_API kt_error* kt_loop_model(kt_loop* loop, kt_model** model);
/* Ends fit cleanly after this epoch, or after this batch if called in train_batch_end. */
KT_API void kt_loop_stop_training(kt_loop* loop);
KT_API int64_t kt_loop_epochs(const kt_loop* loop);
KT_API int64_t kt_loop_steps(const kt_loop* loop); /* of an epoch; 0 if not known */
/* Adds an entry to the logs of an epoch, or replaces it, for later callbacks and the history; in
 * epoch_end only, else STATE. */
KT_API kt_error* kt_loop_set_log(kt_loop* loop, const char* key, double value);

/* `index`: number of the epoch or batch, from 0; 0 where there is none. `logs` is borrowed, NULL
 * where there are none. */
typedef kt_error* (*kt_on_event)(void* context, kt_loop* loop, int64_t index, const kt_logs* logs);

/* Own functions; NULL for those of no interest (each batch function costs time on small models). */
typedef struct kt_callback_functions {
  size_t struct_size;
  void* context;
  void (*release)(void* context); /* when the last reference goes; may be NULL */
  kt_on_event train_begin, train_end;
  kt_on_event epoch_begin, epoch_end;
  kt_on_event train_batch_begin, train_batch_end;
  kt_on_event test_begin, test_end;
  kt_on_event test_batch_begin, test_batch_end;
  kt_on_event predict_begin, predict_end;
  kt_on_event predict_batch_begin, predict_batch_end;
} kt_callback_functions;
#define KT_CALLBACK_FUNCTIONS_INIT                                                             \
  {                                                                                            \
    sizeof(kt_callback_functions), NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, \
        NULL, NULL, NULL, NULL, NULL, NULL                                                     \
  }
/* After an error `release` is not called. */
KT_API kt_error* kt_callback_from_functions(const kt_callback_functions* functions,
                                            kt_callback** callback);
/* A loop that runs with it keeps what it needs. */
KT_API void kt_callback_free(kt_callback* callback);

/* ---- What there is ------------------------------------------------------------------------- */

/* JSON: ["activations", "callbacks", "constraints", "initializers", "layers", ...]. */
KT_API kt_error* kt_registry_kinds(char** json);
/* JSON: a list, by name, of
 *   {"kind", "name", "module", "doc", "aliases": [...], "attributes": [
 *     {"name", "type", "doc", "required", "default", "choices", "minimum", "maximum",
 *      "exclusive_minimum"}]}
 * where choices and bounds are left out if there are none. Types: "int", "float", "bool", "string",
 * "any", "list of <type>", "<kind>?" for an object of that kind by name or serialized; "?" for
 * what may be null. */
KT_API kt_error* kt_registry_classes(const char* kind, char** json);
/* One of them, by name or alias. Errors: NOT_FOUND. */
KT_API kt_error* kt_registry_class(const char* kind, const char* name, char** json);
/* Checks a configuration and gives it back serialized in full:
 *   {"module", "class_name", "config", "registered_name"}. */
KT_API kt_error* kt_registry_serialize(const char* kind, const char* name, const char* config,
                                       char** json);

/* ---- Own layers, losses and metrics -------------------------------------------------------- */

/* Classes made outside join the registry under their names and can then be created, configured,
 * saved and loaded as all others. They and their contexts stay for the life of the process. Their
 * functions compose symbolic tensors, so gradients follow by themselves; they run when a model is
 * put together or a plan is made, not in each step, at times in several threads at once.
 *
 * What they get is borrowed for the call; what they return through `output(s)` the library takes
 * over. `attributes` is a JSON list, each {"name", "type", "default", "doc"}, without "default" for
 * one that is required; types as kt_registry_classes gives them. NULL: none. */

/* The layer, loss or metric at work; good during the call only. */
typedef struct kt_scope kt_scope;
/* The configuration as JSON; lives as long as the scope. */
KT_API const char* kt_scope_config(const kt_scope* scope);
/* An attribute that is a number or a boolean. */
KT_API kt_error* kt_scope_number(const kt_scope* scope, const char* attribute, double* value);
/* 1 while a graph for training is made. */
KT_API int kt_scope_training(const kt_scope* scope);
/* In build only: adds a weight. `options`: {"initializer": "glorot_uniform", "regularizer": null,
 * "constraint": null, "trainable": true}. */
KT_API kt_error* kt_scope_add_weight(kt_scope* scope, const char* name, const int64_t* shape,
                                     size_t rank, const char* options);
/* In a layer's call only. A weight's value; a new value for one that is not trainable, when
 * training; a scalar added to the loss. */
KT_API kt_error* kt_scope_weight(kt_scope* scope, const char* name, kt_symbolic** weight);
KT_API kt_error* kt_scope_assign(kt_scope* scope, const char* name, const kt_symbolic* value);
KT_API kt_error* kt_scope_add_loss(kt_scope* scope, const kt_symbolic* loss);

typedef struct kt_custom_layer {
  size_t struct_size;
  const char* name; /* of the class: "Scale" */
  const char* doc;  /* may be NULL */
  const char* attributes;
  void* context;
  size_t min_inputs, max_inputs; /* of one call */
  size_t n_outputs;
  /* Adds weights for inputs of these shapes: shapes[i] has ranks[i] extents, the batch axis first.
   * May be NULL. */
  kt_error* (*build)(void* context, kt_scope* scope, const int64_t* const* shapes,
                     const size_t* ranks, size_t n_inputs);
  kt_error* (*call)(void* context, kt_scope* scope, kt_symbolic* const* inputs, size_t n_inputs,
                    kt_symbolic** outputs);
} kt_custom_layer;
#define KT_CUSTOM_LAYER_INIT \
  { sizeof(kt_custom_layer), NULL, NULL, NULL, NULL, 1, 1, 1, NULL, NULL }
/* Errors: INVALID_ARGUMENT, also for a name that is taken. */
KT_API kt_error* kt_register_layer(const kt_custom_layer* layer);

/* Loss and metric: y_true and y_pred, [batch, ...] floating, to one value a sample. What is left of
 * its axes is averaged. (Keras' reduction and sample weights apply to losses; a metric is the mean
 * over all samples of an epoch, weighted where weights are given.) */
typedef struct kt_custom_function {
  size_t struct_size;
  const char* name; /* of the class, and what the logs show of a metric */
  const char* doc;  /* may be NULL */
  const char* attributes;
  void* context;
  kt_error* (*call)(void* context, kt_scope* scope, kt_symbolic* y_true, kt_symbolic* y_pred,
                    kt_symbolic** output);
} kt_custom_function;
#define KT_CUSTOM_FUNCTION_INIT \
  { sizeof(kt_custom_function), NULL, NULL, NULL, NULL, NULL }
KT_API kt_error* kt_register_loss(const kt_custom_function* loss);
KT_API kt_error* kt_register_metric(const kt_custom_function* metric);

#ifdef __cplusplus
}
#endif

#endif /* KERATIN_KERATIN_H */
