package dev.belfry.model.gic.spec;

import java.util.Optional;

/// How an ITS lays its entries out in memory. The architecture leaves that to the implementation,
/// so each one that is to be read needs its own.
public sealed interface ItsTableFormat permits QemuTcgTables, KvmAbi0Tables {

    /// QEMU's emulated ITS: DTE 8 bytes, ITE 12, CTE 8.
    ItsTableFormat QEMU_TCG = QemuTcgTables.INSTANCE;

    /// Revision 0 of the table ABI of KVM's in-kernel ITS: all entries 8 bytes.
    ItsTableFormat KVM_ABI_0 = KvmAbi0Tables.INSTANCE;

    /// The format that an implementation uses, recognised by what its registers say.
    ///
    /// @param iidr GITS_IIDR
    /// @return empty when it is none that is known here
    static Optional<ItsTableFormat> of(int iidr, GitsTyper typer) {
        int product = iidr >>> 24;
        if (product == 'K' && typer.ittEntrySize() == KVM_ABI_0.iteSize()) {
            return Optional.of(KVM_ABI_0);
        }
        return product == 0 && typer.ittEntrySize() == QEMU_TCG.iteSize()
                ? Optional.of(QEMU_TCG)
                : Optional.empty();
    }

    /// What a person calls it.
    String label();

    /// Bytes of a device table entry: 8.
    int dteSize();

    /// Bytes of an interrupt translation entry: 8 or 12.
    int iteSize();

    /// Bytes of a collection table entry: 8.
    int cteSize();

    /// Bytes of a vPE table entry: 8, or 0 for a format without virtual LPIs.
    int vteSize();

    /// Whether a collection's entry is found by its id; otherwise entries lie in any order up to
    /// the first that is not valid, and each says which collection it is of.
    boolean ctesAreIndexed();

    /// The entry that `word` is.
    Dte dte(long word);

    /// The entry that 8 bytes and, where the format has them, 4 more are.
    ///
    /// @param low bytes 0..7
    /// @param high bytes 8..11, 0 where the format has none
    Ite ite(long low, int high);

    /// The entry that `word` is.
    Cte cte(long word);

    /// The vPE table entry that `word` is.
    Vte vte(long word);

    /// The word that lies in memory for `vte`.
    long encode(Vte vte);

    /// The word that lies in memory for `dte`.
    long encode(Dte dte);

    /// Bytes 0..7 of `ite` in memory.
    long encodeLow(Ite ite);

    /// Bytes 8..11 of `ite` in memory, 0 where the format has none.
    int encodeHigh(Ite ite);

    /// The word that lies in memory for `cte`.
    ///
    /// @param icid the collection it is of
    long encode(Cte cte, int icid);
}
