package dev.belfry.host.recorded;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.host.description.HostDescription;
import dev.belfry.host.recorded.Replay.Difference;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What a real kernel answered to system calls: errno, structures and memory, call by call, with
/// the ids that it gave.
class RecordedCallsTest {

    private static final HostDescription HOST =
            HostDescription.read("virt.yaml", Recording.text("virt.yaml"));

    @ParameterizedTest
    @ValueSource(
            strings = {"calls.txt", "invalidate.txt", "random.txt", "random2.txt", "limits.txt"})
    void theModelAnswersAsTheKernelDid(String file) {
        Map<Integer, Difference> found = new LinkedHashMap<>();
        Replay.run(HOST, Recording.read(file)).forEach(d -> found.put(d.line(), d));
        Map<Integer, String> explained = explained(file);
        Map<Integer, Difference> news = new LinkedHashMap<>(found);
        news.keySet().removeAll(explained.keySet());
        assertThat(news.values()).as("differences that nobody has explained").isEmpty();
        assertThat(found.keySet())
                .as("what is explained is still different")
                .containsExactlyElementsOf(explained.keySet());
    }

    /// `FILE LINE REASON`, in order of lines.
    private static Map<Integer, String> explained(String file) {
        Map<Integer, String> out = new LinkedHashMap<>();
        for (String line : Recording.text("explained.txt").split("\n")) {
            String[] w = line.split(" ", 3);
            if (w[0].equals(file)) {
                out.put(Integer.parseInt(w[1]), w[2]);
            }
        }
        return out;
    }
}
