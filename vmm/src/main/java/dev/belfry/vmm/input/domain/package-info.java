/// libvirt's domain XML, read into the options that libvirt would start QEMU with.
///
/// Entry: [DomainReader]. [XmlReader] pulls the text through StAX into a small tree of
/// [XmlElement]s, each of which knows where it stands; DTDs and entities are refused, depth and
/// number of elements are limited. [DomainBoard], [DomainMemory], [DomainPci], [DomainIommus],
/// [DomainHostdevs] and [DomainDevices] each turn their elements into options, which
/// [DomainOptions] collects in libvirt's order.
///
/// What is written is what libvirt 12 writes for `aarch64`, with two exceptions: a device of the
/// host is named (`host=`) where libvirt hands over an open file, and options without bearing on
/// DMA and interrupts (monitors, consoles, graphics) are left out. Elements that matter, and are
/// not read, are told as findings; so are spellings of drafts.
@NullMarked
package dev.belfry.vmm.input.domain;

import org.jspecify.annotations.NullMarked;
