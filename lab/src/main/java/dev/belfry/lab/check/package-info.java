/// `belfry check`: will this command line work?
///
/// [CheckLab] holds what was read against the rule book (`dev.belfry.vmm.check`), and then runs the
/// machine on the model, so that what is called lost was seen to be lost. [FolderLab] checks all
/// files of a folder, in parallel. Records only; the cli renders them as text, JSON and SARIF
/// (docs/json.md).
@NullMarked
package dev.belfry.lab.check;

import org.jspecify.annotations.NullMarked;
