/// What somebody gives to be launched, in any form, read into one: QEMU's options with places.
///
/// Entry: [Launches]. A command line or a shell script goes through `dev.belfry.vmm.cmdline`; a
/// reader of another form makes the options that its tool would pass to QEMU with
/// [dev.belfry.vmm.cmdline.Option#of], and gives each the place in its own text
/// ([dev.belfry.vmm.cmdline.Position]: line, column, and what stands there). Machine, rules and
/// findings know nothing of the form.
@NullMarked
package dev.belfry.vmm.input;

import org.jspecify.annotations.NullMarked;
