package dev.belfry.qemu.qmp;

import tools.jackson.databind.JsonNode;

/// Something that QEMU told without being asked.
///
/// @param name for example `STOP` or `RESET`
/// @param data what it says about it, an empty object when nothing
public record QmpEvent(String name, JsonNode data) {}
