package dev.belfry.cli.text;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/// A table whose columns are as wide as they need to be; the last column is not padded.
final class Table {

    private final List<String> head;
    private final List<List<String>> rows = new ArrayList<>();

    Table(String... head) {
        this.head = List.of(head);
    }

    void row(String... cells) {
        rows.add(List.of(cells));
    }

    boolean isEmpty() {
        return rows.isEmpty();
    }

    void print(PrintWriter out, String indent) {
        int columns = head.size();
        List<Integer> widths = new ArrayList<>(Collections.nCopies(columns, 0));
        List<List<String>> all = new ArrayList<>();
        all.add(head);
        all.addAll(rows);
        for (List<String> row : all) {
            for (int c = 0; c < columns; c++) {
                widths.set(c, Math.max(widths.get(c), row.get(c).length()));
            }
        }
        for (List<String> row : all) {
            StringBuilder line = new StringBuilder(indent);
            for (int c = 0; c < columns; c++) {
                String cell = row.get(c);
                line.append(cell);
                if (c < columns - 1) {
                    line.repeat(' ', widths.get(c) - cell.length() + 2);
                }
            }
            out.println(line.toString().stripTrailing());
        }
    }
}
