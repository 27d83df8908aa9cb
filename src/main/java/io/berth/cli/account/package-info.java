/** Commands about the accounts and keys of a running registry. */
@NullMarked
package io.berth.cli.account;

import org.jspecify.annotations.NullMarked;
