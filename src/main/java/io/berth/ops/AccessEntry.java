package io.berth.ops;

/**
 * One request, as the access log tells it. Texts are as the client sent them, empty where there is nothing.
 *
 * @param millis when it ended, since the epoch
 * @param id its identifier
 * @param client the address of the client, behind trusted proxies too
 * @param identity who asked, credentials verified
 * @param method the method
 * @param path the raw path
 * @param query the raw query
 * @param protocol as in the request line
 * @param status the status of the answer
 * @param received bytes of its body
 * @param sent bytes of the answer's body
 * @param nanos how long it took
 * @param whole whether the answer was sent to its end
 * @param userAgent the client program
 * @param referer where the client comes from
 * @param route what the request turned out to be
 * @param trace the identifier of its trace
 * @param reference what the client says that it is about ({@code OCI-Ref}), which nobody has verified
 */
public record AccessEntry(long millis, String id, String client, String identity, String method, String path, String query,
    String protocol, int status, long received, long sent, long nanos, boolean whole, String userAgent, String referer, String route,
    String trace, String reference) {}
