package dev.belfry.vmm.input.domain;

import dev.belfry.vmm.cmdline.CommandLineError;
import dev.belfry.vmm.cmdline.Position;
import java.io.StringReader;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.MissingResourceException;
import java.util.OptionalInt;
import javax.xml.stream.XMLInputFactory;
import javax.xml.stream.XMLStreamConstants;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamReader;

/// Pulls a text into [XmlElement]s.
///
/// Nothing outside the text is ever opened: a document type is refused where it stands, which takes
/// entities with it, and the parser is told to support neither.
final class XmlReader {

    private static final String QEMU = "http://libvirt.org/schemas/domain/qemu/1.0";
    private static final int MOST_CHARACTERS = 4 << 20;
    private static final int MOST_ELEMENTS = 20_000;
    private static final int DEEPEST = 64;
    private static final int SHOWN = 200;
    private static final String LIMIT_FIX =
            "give the XML of one domain, as virsh dumpxml prints it";

    /// A domain has one or two. The JDK's parser compares each declaration of an element with all
    /// others.
    private static final int MOST_NAMESPACES = 64;

    private final String source;
    private final Lines lines;
    private int elements;

    /// Where the root ends; 0 before that is known.
    private int ended;

    private XmlReader(String source) {
        this.source = source;
        this.lines = new Lines(source);
    }

    /// Reads the whole text.
    ///
    /// @throws CommandLineError when it is not well-formed, has a document type, or is too large
    static XmlElement read(String text) {
        String source = text.strip();
        if (source.length() > MOST_CHARACTERS) {
            throw new CommandLineError(
                    "XML-LIMIT",
                    new Position(1, 1, ""),
                    "the text has more than 4 MiB",
                    "a domain has a few KiB");
        }
        return new XmlReader(text).document();
    }

    private XmlElement document() {
        XMLInputFactory factory = XMLInputFactory.newDefaultFactory();
        factory.setProperty(XMLInputFactory.SUPPORT_DTD, false);
        factory.setProperty(XMLInputFactory.IS_SUPPORTING_EXTERNAL_ENTITIES, false);
        factory.setProperty(XMLInputFactory.IS_COALESCING, true);
        // A declaration must be the first thing in a text; what stands above it does no harm.
        int start = DomainText.start(source).orElse(0);
        lines.skip(start);
        boundNamespaces(start);
        try {
            XMLStreamReader xml =
                    factory.createXMLStreamReader(new StringReader(source.substring(start)));
            XmlElement root = root(xml);
            ended = end(xml);
            while (xml.hasNext()) {
                xml.next();
            }
            return root;
        } catch (MissingResourceException e) {
            // The JDK's parser lacks the sentence for some faults of document types.
            throw error(
                    "XML-SYNTAX", 0, "this is not well-formed XML", "xmllint --noout tells more");
        } catch (XMLStreamException e) {
            OptionalInt another =
                    ended == 0 ? OptionalInt.empty() : DomainText.another(source, ended);
            if (another.isPresent()) {
                throw error(
                        "XML-SYNTAX",
                        another.getAsInt(),
                        "another domain begins here, and one text is one domain: none was read",
                        "give each a file of its own, and the folder with them: belfry check DIR");
            }
            int line = e.getLocation() == null ? 1 : e.getLocation().getLineNumber();
            int column = e.getLocation() == null ? 1 : e.getLocation().getColumnNumber();
            throw error(
                    "XML-SYNTAX",
                    lines.offset(line, column),
                    "this is not well-formed XML: " + firstLine(String.valueOf(e.getMessage())),
                    "close what is open here, or take what virsh dumpxml prints");
        }
    }

    private void boundNamespaces(int start) {
        int at = source.indexOf("xmlns", start);
        for (int count = 1; at >= 0; count++) {
            if (count > MOST_NAMESPACES) {
                throw error("XML-LIMIT", at, "more than 64 namespaces are declared", LIMIT_FIX);
            }
            at = source.indexOf("xmlns", at + 1);
        }
    }

    private XmlElement root(XMLStreamReader xml) throws XMLStreamException {
        while (xml.hasNext()) {
            int event = xml.next();
            if (event == XMLStreamConstants.DTD) {
                int at = source.indexOf("<!DOCTYPE");
                throw error(
                        "XML-DTD",
                        Math.max(0, at),
                        "document types and entities are not read",
                        "remove <!DOCTYPE …>: libvirt does not need it");
            }
            if (event == XMLStreamConstants.START_ELEMENT) {
                return element(xml, 1);
            }
        }
        throw error(
                "XML-SYNTAX", 0, "there is no element", "give the XML that virsh dumpxml prints");
    }

    private XmlElement element(XMLStreamReader xml, int depth) throws XMLStreamException {
        int end = end(xml);
        int start = Math.max(0, source.lastIndexOf('<', Math.max(0, end - 1)));
        if (depth > DEEPEST) {
            throw error("XML-LIMIT", start, "elements are nested more than 64 deep", LIMIT_FIX);
        }
        if (++elements > MOST_ELEMENTS) {
            throw error("XML-LIMIT", start, "there are more than 20,000 elements", LIMIT_FIX);
        }
        String name = (QEMU.equals(xml.getNamespaceURI()) ? "qemu:" : "") + xml.getLocalName();
        String tag = source.substring(start, Math.min(end, source.length()));
        Position at = position(start, tag);
        Map<String, XmlElement.Attribute> attributes = new LinkedHashMap<>();
        for (int i = 0; i < xml.getAttributeCount(); i++) {
            String attribute = xml.getAttributeLocalName(i);
            attributes.put(
                    attribute,
                    new XmlElement.Attribute(
                            xml.getAttributeValue(i),
                            position(start + within(tag, attribute), tag)));
        }
        List<XmlElement> children = new ArrayList<>();
        StringBuilder text = new StringBuilder();
        while (true) {
            switch (xml.next()) {
                case XMLStreamConstants.START_ELEMENT -> children.add(element(xml, depth + 1));
                case XMLStreamConstants.CHARACTERS, XMLStreamConstants.CDATA ->
                        text.append(xml.getText());
                case XMLStreamConstants.END_ELEMENT, XMLStreamConstants.END_DOCUMENT -> {
                    return new XmlElement(
                            name, attributes, List.copyOf(children), text.toString().strip(), at);
                }
                default -> {}
            }
        }
    }

    /// Where the tag that was just read ends. `<` cannot stand in a tag but at its start.
    private int end(XMLStreamReader xml) {
        return lines.offset(xml.getLocation().getLineNumber(), xml.getLocation().getColumnNumber());
    }

    private static int within(String tag, String attribute) {
        char quote = 0;
        for (int i = 1; i + attribute.length() < tag.length(); i++) {
            char c = tag.charAt(i);
            if (quote != 0) {
                quote = c == quote ? 0 : quote;
            } else if (c == '\'' || c == '"') {
                quote = c;
            } else if (Character.isWhitespace(tag.charAt(i - 1))
                    && tag.startsWith(attribute, i)
                    && !Character.isLetterOrDigit(tag.charAt(i + attribute.length()))) {
                return i;
            }
        }
        return 0;
    }

    private Position position(int offset, String tag) {
        String shown = tag.replaceAll("\\s+", " ");
        return lines.position(offset, shown.length() > SHOWN ? shown.substring(0, SHOWN) : shown);
    }

    private CommandLineError error(String rule, int offset, String sentence, String fix) {
        return new CommandLineError(rule, lines.position(offset, ""), sentence, fix);
    }

    /// The parser puts its own place and a "Message:" in front.
    private static String firstLine(String message) {
        String text =
                message.startsWith("ParseError at")
                        ? message.substring(message.indexOf('\n') + 1)
                        : message;
        text = text.startsWith("Message: ") ? text.substring("Message: ".length()) : text;
        int end = text.indexOf('\n');
        return end < 0 ? text : text.substring(0, end);
    }
}
