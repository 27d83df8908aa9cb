package io.berth.http;

import io.berth.signing.RegistryKeys;
import io.berth.signing.TrustedKeys;
import java.time.InstantSource;

/**
 * What tags as objects need to know of the registry around them.
 *
 * @param names what the registry is called
 * @param trusted whose signatures count
 * @param keys with which it signs itself
 * @param clock for what is signed
 * @param open whether nobody has to say who they are, so that nobody is kept from knowing who did what
 */
public record TagOptions(TagNames names, TrustedKeys trusted, RegistryKeys keys, boolean open, InstantSource clock) {}
