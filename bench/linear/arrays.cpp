#include "arrays.hpp"

#include <bit>
#include <cstring>
#include <fstream>
#include <stdexcept>

namespace surefoot::linear {

namespace {

static_assert(std::endian::native == std::endian::little, "the files say that the bytes are in that order");

constexpr std::string_view magic("\x93NUMPY\x01\x00", 8);

template <class Number>
void write(const std::string& path, const std::string& shape, const Number* numbers, Index count) {
  const std::string kind = std::is_same_v<Number, double> ? "<f8" : sizeof(Number) == 8 ? "<i8" : "<i4";
  std::string header = "{'descr': '" + kind + "', 'fortran_order': False, 'shape': (" + shape + "), }";
  // The format wants the numbers to begin at a multiple of 64.
  header.append(63 - (magic.size() + 2 + header.size()) % 64, ' ');
  header += '\n';
  std::ofstream file(path, std::ios::binary);
  file << magic << static_cast<char>(header.size() & 255) << static_cast<char>(header.size() >> 8) << header;
  file.write(reinterpret_cast<const char*>(numbers),
             static_cast<std::streamsize>(static_cast<std::size_t>(count) * sizeof(Number)));
  if (!file.flush()) throw std::runtime_error("could not write " + path);
}

template <class Number>
void write(const std::string& path, const Number* numbers, Index count) {
  write(path, std::to_string(count) + ",", numbers, count);
}

}  // namespace

void write_arrays(const std::string& folder, const Data& data) {
  if (const auto* dense = std::get_if<DenseMatrix>(&data.fitted)) {
    write(folder + "/X.npy", std::to_string(dense->rows()) + ", " + std::to_string(dense->cols()), dense->data(),
          dense->size());
  } else {
    const auto& sparse = std::get<SparseMatrix>(data.fitted);
    write(folder + "/values.npy", sparse.valuePtr(), sparse.nonZeros());
    write(folder + "/columns.npy", sparse.innerIndexPtr(), sparse.nonZeros());
    write(folder + "/starts.npy", sparse.outerIndexPtr(), sparse.outerSize() + 1);
    const Index shape[] = {sparse.rows(), sparse.cols()};
    write(folder + "/shape.npy", shape, 2);
  }
  write(folder + "/y.npy", data.target.data(), data.target.size());
}

Eigen::MatrixXd read_array(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  char start[10] = {};
  file.read(start, sizeof start);
  std::string header(static_cast<unsigned char>(start[8]) + 256u * static_cast<unsigned char>(start[9]), ' ');
  file.read(header.data(), static_cast<std::streamsize>(header.size()));
  const auto shape = header.find("'shape': (");
  long rows = 0, columns = 0;
  const bool understood = file && std::string_view(start, magic.size()) == magic && shape != std::string::npos &&
                          header.find("'descr': '<f8'") != std::string::npos &&
                          header.find("'fortran_order': False") != std::string::npos &&
                          std::sscanf(header.c_str() + shape, "'shape': (%ld, %ld)", &rows, &columns) == 2;
  if (!understood) throw std::runtime_error(path + " is not a matrix of doubles");
  DenseMatrix matrix(rows, columns);
  file.read(reinterpret_cast<char*>(matrix.data()),
            static_cast<std::streamsize>(static_cast<std::size_t>(matrix.size()) * sizeof(double)));
  if (!file) throw std::runtime_error(path + " is cut short");
  return matrix;
}

}  // namespace surefoot::linear
