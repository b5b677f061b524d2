package dev.belfry.model.smmu.spec;

/// An event record: four 64-bit words as they lie in the Event queue (IHI 0070 7.3).
public record EventRecord(long w0, long w1, long w2, long w3) {}
