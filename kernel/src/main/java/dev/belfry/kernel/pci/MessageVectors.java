package dev.belfry.kernel.pci;

/// A function's message-signalled vectors, by MSI-X or by MSI.
public sealed interface MessageVectors permits MsixDriver, MsiDriver {

    /// How many the function has.
    int vectors();

    /// Prepares `used` vectors, all masked as far as the function can.
    void enable(int used);

    /// Writes the message of a vector.
    void program(int vector, long address, int data);

    /// Turns INTx off and lets the function send.
    void start();

    /// Lets a vector through.
    void unmask(int vector);

    /// Holds a vector back.
    void mask(int vector);

    /// Turns it all off, and INTx on.
    void disable();
}
