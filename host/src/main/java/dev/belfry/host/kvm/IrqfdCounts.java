package dev.belfry.host.kvm;

/// How signals of irqfds went in.
///
/// @param fast at once, from where nothing may sleep: pins, and messages whose translation was
///   remembered
/// @param slow by a work item, after the fast way gave `EWOULDBLOCK`
public record IrqfdCounts(long fast, long slow) {}
