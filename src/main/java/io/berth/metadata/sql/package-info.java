/** The metadata store over SQL: statements as text, one place per table, rows to records. */
@NullMarked
package io.berth.metadata.sql;

import org.jspecify.annotations.NullMarked;
