package dev.belfry.lab.check;

/// A command line put right, as far as that is mechanical.
///
/// @param before what was found in it
/// @param text as it is now
/// @param after what is found in that
public record Fixed(CheckReport before, String text, CheckReport after) {}
