package io.berth.auth;

/**
 * What the wire needs to administer accounts.
 *
 * @param logins who looks at a password that is to be changed
 */
public record AccountDoor(Accounts accounts, ApiKeys keys, SetupToken setup, Logins logins) {}
