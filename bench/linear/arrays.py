"""Reads what arrays.cpp wrote."""
import os

import numpy as np
import scipy.sparse as sp


def load(folder):
    """X (dense, or CSR with 32-bit indices as every solver takes them) and y."""
    part = lambda name: np.load(os.path.join(folder, name + ".npy"))
    y = part("y")
    if os.path.exists(os.path.join(folder, "X.npy")):
        return part("X"), y
    shape = tuple(int(size) for size in part("shape"))
    return sp.csr_matrix((part("values"), part("columns"), part("starts")), shape=shape), y
