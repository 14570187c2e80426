package dev.supportdb.session;

import java.io.FileNotFoundException;
import java.security.cert.CertPathBuilderException;
import java.security.cert.CertPathValidatorException;
import java.security.cert.CertificateException;
import java.security.cert.CertificateExpiredException;
import java.security.cert.CertificateNotYetValidException;
import java.sql.SQLException;
import java.util.Optional;
import java.util.Properties;
import java.util.logging.Level;
import java.util.logging.Logger;
import javax.net.ssl.SSLException;
import org.postgresql.util.GT;

/** Explains why an encrypted and trusted connection could not be made. */
record EncryptionFailure(SQLException failure, String server, Properties used) {

    /** The driver's logger, which would repeat this with names from a certificate. This reference keeps its level. */
    private static final Logger HOST_NAMES = Logger.getLogger("org.postgresql.ssl.PGjdbcHostnameVerifier");

    static {
        HOST_NAMES.setLevel(Level.OFF);
    }

    private static final String WHERE = "in the URL, or as PGSSLROOTCERT in the environment";

    /** Explains the failure; empty if it is of another kind. Compares with the driver's translated messages. */
    Optional<String> explain() {
        if (is("The server does not support SSL.")) {
            return Optional.of("""
                    The server at %s does not encrypt connections (ssl = off), and sslmode=%s requires it. \
                    Turn ssl on there. In a network where nobody can listen, sslmode=disable works as well."""
                    .formatted(server, used.getProperty("sslmode")));
        }
        if (is("The hostname {0} could not be verified by hostnameverifier {1}.", host(), "PgjdbcHostnameVerifier")) {
            return Optional.of("""
                    The certificate of the server at %s is for other host names. Connect by a name that it bears, or \
                    have one made for %s. (sslmode=verify-ca takes any host with a certificate of that authority.)"""
                    .formatted(server, host()));
        }
        if (has(CertificateExpiredException.class)) {
            return Optional.of("The certificate of the server at %s has expired (%s). Have it renewed there."
                    .formatted(server, message(CertificateExpiredException.class)));
        }
        if (has(CertificateNotYetValidException.class)) {
            return Optional.of("""
                    The certificate of the server at %s is not valid yet (%s). Compare the clocks of both machines."""
                    .formatted(server, message(CertificateNotYetValidException.class)));
        }
        if (has(CertPathBuilderException.class) || has(CertPathValidatorException.class)) {
            return Optional.of("""
                    The certificate of the server at %s is not signed by an authority of %s, or is signed by itself. \
                    This may be another server than you think. If it is the right one, ask whoever runs it for the \
                    certificate of its authority, and name that file as sslrootcert %s."""
                    .formatted(server, rootFile(), WHERE));
        }
        if (has(FileNotFoundException.class)) {
            return Optional.of("""
                    There is no file to check the server's certificate with: %s. Ask whoever runs the server for the \
                    certificate of its authority, and name its file as sslrootcert %s."""
                    .formatted(message(FileNotFoundException.class), WHERE));
        }
        if (has(CertificateException.class)) {
            return Optional.of("The file %s holds no certificate that can be read (%s). It must be in PEM format."
                    .formatted(rootFile(), message(CertificateException.class)));
        }
        return has(SSLException.class) ? Optional.of("No encrypted connection to the server at %s can be made: %s"
                .formatted(server, message(SSLException.class))) : Optional.empty();
    }

    private String host() {
        return used.getProperty("PGHOST");
    }

    private String rootFile() {
        return used.getProperty("sslrootcert", "~/.postgresql/root.crt");
    }

    private boolean is(String message, Object... arguments) {
        return GT.tr(message, arguments).equals(failure.getMessage());
    }

    private boolean has(Class<? extends Exception> type) {
        return message(type) != null;
    }

    private String message(Class<? extends Exception> type) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (type.isInstance(cause)) {
                return String.valueOf(cause.getMessage());
            }
        }
        return null;
    }
}
