package dev.belfry.kernel.firmware;

import dev.belfry.kernel.firmware.IortNode.Mapping;
import dev.belfry.model.bits.Hex;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// One id's way through the IORT's nodes, as Linux goes it (`iort_node_map_id`, `iort_id_map`).
///
/// Ranges include both ends. A hit on the last id of a range of several is provisional: firmware
/// exists that writes the number of ids where one less is wanted, so a later range that begins at
/// this very id supersedes it. Any other second match is ignored.
public final class IortWalk {

    /// Where an id arrived.
    ///
    /// @param node who takes it
    /// @param id as that node sees it
    public record End(IortNode node, long id) {}

    /// Why a mapping was taken, or none.
    private enum Reason {
        WITHIN,
        LAST_ID,
        SUPERSEDES,
        SINGLE,
        NO_MAPPING,
        NULL_REFERENCE,
        NO_NODE,
        TOO_LONG
    }

    private record Step(IortNode node, long id, Optional<Mapping> mapping, Reason reason) {}

    /// Twice what a root complex, an SMMU and an ITS group need; Linux has no such bound.
    private static final int MAX_STEPS = 6;

    private static final int SMMU_V1_V2 = 3;
    private static final int NAMED_COMPONENT = 1;

    private final Iort iort;
    private final Iort.Purpose purpose;
    private final List<Step> steps = new ArrayList<>(2);
    private Optional<End> end = Optional.empty();

    IortWalk(Iort iort, Iort.Purpose purpose) {
        this.iort = iort;
        this.purpose = purpose;
    }

    Optional<End> from(IortNode start, long requesterId) {
        IortNode node = start;
        long id = requesterId;
        while (!wanted(node)) {
            Step step = steps.size() < MAX_STEPS ? step(node, id) : stop(node, id, Reason.TOO_LONG);
            steps.add(step);
            if (step.mapping().isEmpty()) {
                return end;
            }
            Mapping mapping = step.mapping().get();
            Optional<IortNode> next = iort.at(mapping.output());
            if (next.isEmpty()) {
                steps.add(stop(node, id, Reason.NO_NODE));
                return end;
            }
            id = mapping.single() ? mapping.outputBase() : mapping.apply(id);
            node = next.get();
        }
        end = Optional.of(new End(node, id));
        return end;
    }

    private boolean wanted(IortNode node) {
        return switch (node.body()) {
            case IortNode.ItsGroup _ -> purpose == Iort.Purpose.MSI;
            case IortNode.Smmuv3 _ -> purpose == Iort.Purpose.IOMMU;
            case IortNode.Other other ->
                    purpose == Iort.Purpose.IOMMU && other.type() == SMMU_V1_V2;
            case IortNode.RootComplex _, IortNode.Rmr _ -> false;
        };
    }

    private static Step stop(IortNode node, long id, Reason reason) {
        return new Step(node, id, Optional.empty(), reason);
    }

    private static Step step(IortNode node, long id) {
        List<Mapping> mappings = node.mappings();
        if (!mappings.isEmpty() && mappings.getFirst().output() == 0) {
            return stop(node, id, Reason.NULL_REFERENCE);
        }
        long special = ownMsiMapping(node);
        Optional<Mapping> provisional = Optional.empty();
        for (int i = 0; i < mappings.size(); i++) {
            Mapping mapping = mappings.get(i);
            if (i == special) {
                continue;
            }
            if (mapping.single()) {
                if (singleAllowed(node)) {
                    return new Step(node, id, Optional.of(mapping), Reason.SINGLE);
                }
                continue;
            }
            boolean eligible = provisional.isEmpty() || id == mapping.inputBase();
            if (!mapping.covers(id) || !eligible) {
                continue;
            }
            if (mapping.count() == 0 || id != mapping.last()) {
                Reason reason = provisional.isEmpty() ? Reason.WITHIN : Reason.SUPERSEDES;
                return new Step(node, id, Optional.of(mapping), reason);
            }
            provisional = Optional.of(mapping);
        }
        return new Step(
                node, id, provisional, provisional.isEmpty() ? Reason.NO_MAPPING : Reason.LAST_ID);
    }

    private static boolean singleAllowed(IortNode node) {
        return switch (node.body()) {
            case IortNode.RootComplex _ -> true;
            case IortNode.Other other -> other.type() == NAMED_COMPONENT;
            case IortNode.ItsGroup _, IortNode.Smmuv3 _, IortNode.Rmr _ -> false;
        };
    }

    /// Index of the mapping that is for the SMMU's own MSIs, or -1: such a mapping does not
    /// translate (`iort_get_id_mapping_index`).
    private static long ownMsiMapping(IortNode node) {
        if (!(node.body() instanceof IortNode.Smmuv3 smmu) || node.revision() < 1) {
            return -1;
        }
        boolean used = node.revision() < 5 ? !smmu.fullyWired() : smmu.deviceIdValid();
        return used && smmu.mappingIndex() < node.mappings().size() ? smmu.mappingIndex() : -1;
    }

    List<String> rules() {
        List<String> rules = new ArrayList<>();
        steps.forEach(step -> rules.add(sentence(step)));
        end.ifPresent(e -> rules.add(Iort.name(e.node()) + " takes " + Hex.of(e.id())));
        return rules;
    }

    private static String sentence(Step step) {
        String what = Iort.name(step.node()) + ": ";
        String id = Hex.of(step.id());
        String range =
                step.mapping().map(m -> Hex.of(m.inputBase()) + ".." + Hex.of(m.last())).orElse("");
        return what
                + switch (step.reason()) {
                    case WITHIN -> id + " lies in " + range;
                    case LAST_ID ->
                            id + " is the last id of " + range + "; no other range begins there";
                    case SUPERSEDES ->
                            id + " begins " + range + ", which supersedes a range that ends there";
                    case SINGLE -> "a single mapping takes every id";
                    case NO_MAPPING -> "no range has " + id;
                    case NULL_REFERENCE -> "its first mapping refers to nothing";
                    case NO_NODE -> "the mapping of " + id + " refers to no node";
                    case TOO_LONG -> "too many nodes on the way";
                };
    }
}
