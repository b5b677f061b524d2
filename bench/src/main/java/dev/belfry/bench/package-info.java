/// What the hot paths cost, measured with JMH. README.md beside this module says what the figures
/// are for, and how to take them again.
///
/// - [SmmuRig], [GicRig]: machines to measure, set up through registers, queues and tables as
///   drivers do.
/// - [TranslationBenchmark], [WalkBenchmark], [CommandBenchmark], [InvalidationBenchmark]: the
///   SMMU.
/// - [MessageBenchmark]: a message, from the device's write to the pending LPI.
/// - [ScaleBenchmark]: a platform of 4,096 devices with 2,048 vectors each.
///
/// Stands on model.
@NullMarked
package dev.belfry.bench;

import org.jspecify.annotations.NullMarked;
