package dev.belfry.vmm.input.domain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.belfry.vmm.cmdline.CommandLineError;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class XmlReaderTest {

    @Test
    void aDocumentTypeIsRefusedWhereItStands() {
        String bomb =
                """
                <?xml version='1.0'?>
                <!DOCTYPE domain [
                  <!ENTITY a 'ha'><!ENTITY b '&a;&a;&a;&a;'><!ENTITY c '&b;&b;&b;&b;'>
                ]>
                <domain><name>&c;</name></domain>
                """;
        assertThatThrownBy(() -> XmlReader.read(bomb))
                .isInstanceOfSatisfying(
                        CommandLineError.class,
                        e -> {
                            assertThat(e.rule()).isEqualTo("XML-DTD");
                            assertThat(e.at().line()).isEqualTo(2);
                        });
    }

    @Test
    void aFileNamedByAnEntityIsNotOpened(@TempDir Path directory) throws Exception {
        Path secret = Files.writeString(directory.resolve("secret"), "<a>secret</a>");
        String xml =
                "<!DOCTYPE d SYSTEM '%s' [<!ENTITY x SYSTEM '%s'>]><d>&x;</d>"
                        .formatted(secret.toUri(), secret.toUri());
        assertThatThrownBy(() -> XmlReader.read(xml))
                .isInstanceOf(CommandLineError.class)
                .hasMessageContaining("document types and entities are not read")
                .hasMessageNotContaining("secret");
    }

    @Test
    void anEntityThatNobodyDeclaredIsAnErrorInItsLine() {
        assertThatThrownBy(() -> XmlReader.read("<d>\n  <n>&x;</n>\n</d>"))
                .isInstanceOf(CommandLineError.class)
                .hasMessageStartingWith("line 2");
    }

    @Test
    void nestingHasALimit() {
        String deep = "<a>".repeat(100_000);
        assertThatThrownBy(() -> XmlReader.read(deep))
                .isInstanceOf(CommandLineError.class)
                .hasMessageContaining("64 deep");
    }

    @Test
    void whatIsNotXmlSaysWhere() {
        assertThatThrownBy(() -> XmlReader.read("<domain>\n  <devices>\n</domain>"))
                .isInstanceOf(CommandLineError.class)
                .hasMessageStartingWith("line 3");
        assertThatThrownBy(() -> XmlReader.read("<")).isInstanceOf(CommandLineError.class);
        assertThatThrownBy(() -> XmlReader.read("")).isInstanceOf(CommandLineError.class);
    }
}
