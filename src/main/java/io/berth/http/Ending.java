package io.berth.http;

/**
 * How an exchange ended.
 *
 * @param status the status of the answer; {@link #NO_ANSWER} where none was begun
 * @param bytesReceived bytes of the request's body that arrived, coding taken off, wanted or not
 * @param bytesSent bytes of the answer's body; where it broke off, about as many as the peer's kernel took
 * @param nanos from the complete head of the request to now
 * @param whole whether the whole answer was written, though nobody knows whether it arrived
 * @param followed whether the answer was a stream of events, which lasts as long as somebody listens
 */
public record Ending(int status, long bytesReceived, long bytesSent, long nanos, boolean whole, boolean followed) {

  /** The client went away before it was answered; the number that nginx uses. */
  public static final int NO_ANSWER = 499;
}
