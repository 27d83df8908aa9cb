package io.berth.oci;

/** What a tag is, or was, and the change that made it that. */
public record Tagged(TagEvent event, TagContent content) {}
