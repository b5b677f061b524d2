package dev.belfry.vmm.input.domain;

import dev.belfry.vmm.cmdline.Position;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/// An element of an XML text.
///
/// @param name local name, with `qemu:` in front if it is in QEMU's name space
/// @param attributes by name, in the order given
/// @param children elements, in the order given
/// @param text the characters directly in it, trimmed
/// @param at where its tag starts; the position's text is the tag
record XmlElement(
        String name,
        Map<String, Attribute> attributes,
        List<XmlElement> children,
        String text,
        Position at) {

    /// An attribute.
    ///
    /// @param value as given
    /// @param at where its name stands; the position's text is the element's tag
    record Attribute(String value, Position at) {}

    /// An element that was not written, in the place of another.
    static XmlElement absent(String name, Position at) {
        return new XmlElement(name, Map.of(), List.of(), "", at);
    }

    Stream<XmlElement> all(String child) {
        return children.stream().filter(c -> c.name.equals(child));
    }

    Optional<XmlElement> find(String child) {
        return all(child).findFirst();
    }

    /// The child, or an empty stand-in for it.
    XmlElement child(String child) {
        return find(child).orElseGet(() -> absent(child, at));
    }

    Optional<Attribute> find(String child, String attribute) {
        return find(child).flatMap(c -> Optional.ofNullable(c.attributes.get(attribute)));
    }

    boolean has(String attribute) {
        return attributes.containsKey(attribute);
    }

    /// An attribute's value, or empty.
    String get(String attribute) {
        return get(attribute, "");
    }

    String get(String attribute, String otherwise) {
        Attribute found = attributes.get(attribute);
        return found == null ? otherwise : found.value();
    }

    /// Where an attribute stands, or the element when it is not there.
    Position at(String attribute) {
        Attribute found = attributes.get(attribute);
        return found == null ? at : found.at();
    }
}
