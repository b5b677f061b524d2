package dev.belfry.lab.check;

import java.util.List;

/// A command line put right, as far as that is mechanical.
///
/// @param before what was found in it
/// @param mended what was put right, in the order done
/// @param text as it is now
/// @param after what is found in that
public record Fixed(CheckReport before, List<Finding> mended, String text, CheckReport after) {
    public Fixed {
        mended = List.copyOf(mended);
    }
}
