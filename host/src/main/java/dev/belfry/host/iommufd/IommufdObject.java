package dev.belfry.host.iommufd;

/// An object of an iommufd (`struct iommufd_object`).
abstract sealed class IommufdObject
        permits Ioas, Hwpt, Viommu, Vdevice, Veventq, FaultQueue, HwQueue, BoundDevice {

    private int id;
    private int users;

    /// Its id in the file, from 1; 0 before it has one.
    final int id() {
        return id;
    }

    final void setId(int id) {
        this.id = id;
    }

    /// How many others use it; it can be destroyed at 0.
    final int users() {
        return users;
    }

    final void addUser() {
        users++;
    }

    final void removeUser() {
        users--;
    }

    /// What it is, as `belfry run` calls it.
    abstract String kind();

    /// Frees what it holds and stops using others.
    abstract void destroy();
}
