package io.berth.cli.tag;

import picocli.CommandLine.Command;

/** {@code berth tag}: reads, moves, signs, verifies and follows tags of a registry. */
@Command(name = "tag", description = {"Reads, moves, signs, verifies and follows tags of a registry.",
  "Tags are written HOST/REPOSITORY:TAG; without a host they are those of --registry."}, mixinStandardHelpOptions = true,
    synopsisSubcommandLabel = "COMMAND", subcommands = {ListTags.class, ShowTag.class, TagHistory.class, MoveTag.class, RollbackTag.class,
      DeleteTag.class, SignTag.class, VerifyTag.class, WatchTags.class})
public final class TagCommand {
}
