package dev.belfry.vmm.cmdline;

/// A `key=value` where it stands in a source text.
///
/// @param key as written
/// @param start offset of its first character
/// @param end offset behind its last one
/// @param removeStart what goes with it when it is removed: a comma beside it
/// @param removeEnd likewise
/// @param form how it is written
record Pair(String key, int start, int end, int removeStart, int removeEnd, Form form) {

    /// How a pair is written.
    enum Form {
        /// `key=value`
        PLAIN,
        /// The value alone, its key being implied.
        IMPLIED,
        /// `"key":"value"`
        JSON,
        /// The same in double quotes of the shell.
        JSON_ESCAPED
    }

    /// Whether it is that key, in either spelling of a machine's properties.
    boolean is(String other) {
        return key.equals(other) || key.replace('_', '-').equals(other);
    }

    SourceText.Change replacedBy(String now, String value) {
        return new SourceText.Change(
                start,
                end,
                form == Form.IMPLIED && now.equals(key) ? value : written(form, now, value));
    }

    SourceText.Change removed() {
        return new SourceText.Change(removeStart, removeEnd, "");
    }

    /// A pair in a form.
    static String written(Form form, String key, String value) {
        return switch (form) {
            case PLAIN, IMPLIED -> key + "=" + value.replace(",", ",,");
            case JSON -> json(key, value);
            case JSON_ESCAPED -> json(key, value).replace("\"", "\\\"");
        };
    }

    /// What is a boolean or a number to QEMU must be one in JSON.
    private static String json(String key, String value) {
        boolean flag =
                switch (key) {
                    case "accel", "multifunction", "bypass_iommu", "iommu_platform" -> true;
                    default -> false;
                };
        boolean number =
                switch (key) {
                    case "chassis",
                            "chassis_nr",
                            "bus_nr",
                            "slot",
                            "port",
                            "numa_node",
                            "identifier" ->
                            true;
                    default -> false;
                };
        String text =
                flag ? Boolean.toString(value.equals("on")) : number ? value : "\"" + value + "\"";
        return "\"" + key + "\":" + text;
    }
}
