// Compares pairs of versions with Maven (Debian package libmaven3-core-java); see ask-program.ts.

import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.lang.reflect.Field;
import java.nio.charset.StandardCharsets;
import org.apache.maven.artifact.versioning.ComparableVersion;
import org.apache.maven.model.validation.DefaultModelValidator;

class Maven {
    private static String banned;

    public static void main(String[] arguments) throws Exception {
        Field field = DefaultModelValidator.class.getDeclaredField("ILLEGAL_VERSION_CHARS");
        field.setAccessible(true);
        banned = (String) field.get(null);
        BufferedReader lines = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        PrintStream out = new PrintStream(System.out, false, "UTF-8");
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            String[] pair = line.split("\t", -1);
            if (isValid(pair[0]) && isValid(pair[1])) {
                int order = new ComparableVersion(pair[0]).compareTo(new ComparableVersion(pair[1]));
                out.println(Integer.signum(order));
            } else {
                out.println("x");
            }
        }
        out.flush();
    }

    /** The rules of DefaultModelValidator.validateVersion(). */
    private static boolean isValid(String version) {
        return !version.isEmpty()
                && !version.contains("${")
                && version.chars().noneMatch(character -> banned.indexOf(character) >= 0);
    }
}
