package dev.supportdb.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;

/**
 * Certificates for the host localhost, made with the JDK's keytool: {@code good} and {@code old}, which has expired,
 * are signed by {@code authority}; {@code stranger} is signed by itself.
 */
final class ServerCertificates {

    private static final char[] PASSWORD = "changeit".toCharArray();

    private final Path folder;
    private final KeyStore keys;

    ServerCertificates(Path folder) throws IOException, InterruptedException, GeneralSecurityException {
        this.folder = folder;
        make("authority", "-keyalg", "EC", "-ext", "bc:c");
        make("good", "-keyalg", "RSA", "-keysize", "2048", "-signer", "authority", "-ext", "san=dns:localhost");
        make("old", "-keyalg", "EC", "-signer", "authority", "-ext", "san=dns:localhost", "-startdate", "-10d",
                "-validity", "2");
        make("stranger", "-keyalg", "EC", "-ext", "san=dns:localhost");
        keys = KeyStore.getInstance("PKCS12");
        try (InputStream file = Files.newInputStream(folder.resolve("keys.p12"))) {
            keys.load(file, PASSWORD);
        }
    }

    private void make(String name, String... options) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(Path.of(System.getProperty("java.home"), "bin", "keytool")
                .toString(), "-genkeypair", "-alias", name, "-dname", "CN=" + name, "-J-XX:TieredStopAtLevel=1",
                "-storetype", "PKCS12", "-keystore", folder.resolve("keys.p12").toString(),
                "-storepass", new String(PASSWORD)));
        command.addAll(List.of(options));
        Process keytool = new ProcessBuilder(command).redirectErrorStream(true).start();
        String said = new String(keytool.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(keytool.waitFor()).as(said).isZero();
    }

    /** The certificate as PostgreSQL reads it. */
    String certificate(String name) throws GeneralSecurityException {
        return pem("CERTIFICATE", keys.getCertificate(name).getEncoded());
    }

    String key(String name) throws GeneralSecurityException {
        return pem("PRIVATE KEY", keys.getKey(name, PASSWORD).getEncoded());
    }

    private static String pem(String what, byte[] content) {
        return "-----BEGIN %1$s-----\n%2$s\n-----END %1$s-----".formatted(what,
                Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(content));
    }

    /** The path of a file that only its owner may read. */
    String file(String name, String content) throws IOException {
        Path file = Files.writeString(folder.resolve(name), content);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
        return file.toString();
    }
}
