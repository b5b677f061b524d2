package dev.belfry.lab.compare;

/// A way to learn the doorbell's guest-physical address.
///
/// @param way what is done, and when
/// @param outcome `right`, `wrong` or `none`: what the KVM route would get
/// @param detail one sentence
public record DoorbellRow(String way, String outcome, String detail) {}
