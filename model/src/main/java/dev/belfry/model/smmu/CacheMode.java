package dev.belfry.model.smmu;

/// How the SMMU caches: a parameter of the model, since the architecture leaves it open (IHI 0070
/// 3.21).
public sealed interface CacheMode {
    /// Nothing is cached: each transaction walks.
    record None() implements CacheMode {}

    /// A TLB and configuration caches of a given size, set-associative.
    record Sized(int entries) implements CacheMode {}

    /// Everything that may be cached is, and stays until invalidated.
    record Infinite() implements CacheMode {}

    /// As infinite, and an invalidation removes no more than the architecture demands: what
    /// software forgot to invalidate is used as long as possible.
    record Adversarial() implements CacheMode {}
}
