package dev.kindling.cluster;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;

/** Writes a jar of some classes of the tests, to be submitted as an application. */
final class ClassesJar {
  private ClassesJar() {}

  /** A jar at {@code file} with the classes and all that are nested in them. */
  static Path write(Path file, Class<?>... classes) throws IOException {
    try (JarOutputStream jar = new JarOutputStream(Files.newOutputStream(file))) {
      for (Class<?> type : withNested(classes)) {
        String name = type.getName().replace('.', '/') + ".class";
        jar.putNextEntry(new JarEntry(name));
        try (InputStream bytes = type.getClassLoader().getResourceAsStream(name)) {
          bytes.transferTo(jar);
        }
        jar.closeEntry();
      }
    }
    return file;
  }

  private static List<Class<?>> withNested(Class<?>... classes) {
    List<Class<?>> all = new ArrayList<>();
    for (Class<?> type : classes) {
      all.add(type);
      all.addAll(withNested(type.getDeclaredClasses()));
    }
    return all;
  }
}
