package dev.belfry.host.iommufd;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.host.HostFixture;
import dev.belfry.host.memory.UserVa;
import dev.belfry.host.uapi.Errno;
import dev.belfry.host.uapi.Result;
import dev.belfry.model.address.Iova;
import java.util.function.Function;

/// A rule of the kernel, the errno it names, and a call that breaks it.
public record ErrnoCase(String rule, Errno errno, Function<HostFixture, Result<?>> call) {

    public static final long PAGE = 4096;

    public static ErrnoCase rule(String rule, Errno errno, Function<HostFixture, Result<?>> call) {
        return new ErrnoCase(rule, errno, call);
    }

    /// Maps a part of the guest's RAM.
    ///
    /// @param va offset from its beginning
    public static Result<?> map(
            HostFixture f, int ioas, int flags, long va, long length, long iova) {
        return f.iommufd.ioasMap(
                ioas, flags, new UserVa(f.ram.value() + va), length, new Iova(iova));
    }

    public void check() {
        Result<?> result = call.apply(new HostFixture());
        assertThat(result).isInstanceOf(Result.Err.class);
        assertThat(HostFixture.errno(result)).isEqualTo(errno);
        assertThat(((Result.Err<?>) result).why()).isNotBlank();
    }

    @Override
    public String toString() {
        return errno + ": " + rule;
    }
}
