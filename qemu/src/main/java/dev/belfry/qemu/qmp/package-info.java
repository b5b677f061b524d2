/// QEMU's monitor protocol, QMP: one JSON object a line over a Unix socket.
///
/// [QmpClient] sends commands and waits for their answers, and keeps events until somebody asks.
///
/// Stands on Jackson. QEMU's `docs/interop/qmp-spec`.
@NullMarked
package dev.belfry.qemu.qmp;

import org.jspecify.annotations.NullMarked;
