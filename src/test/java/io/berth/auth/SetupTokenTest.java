package io.berth.auth;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class SetupTokenTest {

  @TempDir Path folder;

  private String written() throws Exception {
    return Files.readString(folder.resolve(SetupToken.FILE)).strip();
  }

  @Test
  void itStandsInAFileThatOnlyItsOwnerReads() throws Exception {
    SetupToken token = SetupToken.prepare(folder, true);

    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(folder.resolve(SetupToken.FILE)))).isEqualTo("rw-------");
    assertThat(token.is(written())).isTrue();
    assertThat(token.is(written() + "x")).isFalse();
    assertThat(token.is("")).isFalse();
  }

  @Test
  void itIsGoodOnce() throws Exception {
    SetupToken token = SetupToken.prepare(folder, true);
    String text = written();
    token.end();

    assertThat(token.is(text)).isFalse();
    assertThat(folder.resolve(SetupToken.FILE)).doesNotExist();
  }

  @Test
  void anotherStartMakesAnotherOne() throws Exception {
    SetupToken.prepare(folder, true);
    String first = written();
    SetupToken second = SetupToken.prepare(folder, true);

    assertThat(second.is(first)).isFalse();
    assertThat(second.is(written())).isTrue();
  }

  @Test
  void whereThereIsAnAdministratorThereIsNone() throws Exception {
    SetupToken.prepare(folder, true);
    String left = written();
    SetupToken none = SetupToken.prepare(folder, false);

    assertThat(folder.resolve(SetupToken.FILE)).doesNotExist();
    assertThat(none.is(left)).isFalse();
    assertThat(none.is("")).isFalse();
  }
}
